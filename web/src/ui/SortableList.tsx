import { Button, makeStyles, mergeClasses, tokens } from '@fluentui/react-components'
import { useState, type DragEvent, type KeyboardEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { GripIcon } from './icons'

const useStyles = makeStyles({
  list: { listStyleType: 'none', margin: 0, padding: 0 },
  row: {
    display: 'flex',
    alignItems: 'center',
    gap: tokens.spacingHorizontalS,
    padding: `${tokens.spacingVerticalSNudge} 0`,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
  },
  dragged: { opacity: 0.5 },
  target: { boxShadow: `0 -2px 0 ${tokens.colorCompoundBrandStroke}` },
  grip: { cursor: 'grab', flexShrink: 0, color: tokens.colorNeutralForeground3 },
  spoken: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
})

/** A list that people put into an order, by dragging or with the arrow keys at the grip; what moved is said. */
export function SortableList<T>({
  label,
  items,
  keyOf,
  nameOf,
  onMove,
  children,
}: {
  label: string
  items: T[]
  keyOf: (item: T) => string | number
  nameOf: (item: T) => string
  onMove: (items: T[]) => void
  children: (item: T, place: number) => ReactNode
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [dragged, setDragged] = useState<number>()
  const [over, setOver] = useState<number>()
  const [spoken, setSpoken] = useState('')

  const move = (from: number, to: number) => {
    const place = Math.max(0, Math.min(to, items.length - 1))
    if (from === place) return
    const moved = [...items]
    const [item] = moved.splice(from, 1)
    moved.splice(place, 0, item!)
    setSpoken(t('sortable.moved', { name: nameOf(item!), place: place + 1, count: items.length }))
    onMove(moved)
  }
  const drop = (event: DragEvent, onto: number) => {
    event.preventDefault()
    if (dragged !== undefined) move(dragged, onto)
    setDragged(undefined)
    setOver(undefined)
  }
  const step = (event: KeyboardEvent, from: number) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key]
    if (!by) return
    event.preventDefault()
    move(from, from + by)
  }

  return (
    <>
      <ol className={styles.list} aria-label={label}>
        {items.map((item, i) => (
          <li
            key={keyOf(item)}
            className={mergeClasses(styles.row, dragged === i && styles.dragged, over === i && styles.target)}
            onDragOver={(event) => {
              event.preventDefault()
              setOver(i)
            }}
            onDragLeave={() => setOver(undefined)}
            onDrop={(event) => drop(event, i)}
          >
            <Button
              className={styles.grip}
              appearance="transparent"
              size="small"
              icon={<GripIcon />}
              aria-label={t('sortable.move', { name: nameOf(item), place: i + 1 })}
              title={t('sortable.hint')}
              draggable
              onDragStart={() => setDragged(i)}
              onDragEnd={() => setDragged(undefined)}
              onKeyDown={(event) => step(event, i)}
            />
            {children(item, i)}
          </li>
        ))}
      </ol>
      <div role="status" className={styles.spoken}>
        {spoken}
      </div>
    </>
  )
}
