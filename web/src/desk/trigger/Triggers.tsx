import {
  Badge,
  Button,
  makeStyles,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  mergeClasses,
  Switch,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useState, type DragEvent, type KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import type { Trigger } from '../../api/types'
import { ConfirmDialog } from '../../ui/ConfirmDialog'
import { FilterInput } from '../../ui/FilterInput'
import { AddIcon, GripIcon, MoreIcon, TestIcon, TriggerIcon } from '../../ui/icons'
import { useNotify } from '../../ui/notify'
import { Page } from '../../ui/Page'
import { Empty, Loaded } from '../../ui/states'
import { StatusMark } from '../../ui/StatusMark'
import { TextLink } from '../../ui/TextLink'
import { useTriggerActions, useTriggers } from './queries'
import { moveTo } from './words'

const useStyles = makeStyles({
  filter: { maxWidth: '360px' },
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
  grip: { cursor: 'grab', color: tokens.colorNeutralForeground3 },
  what: { flexGrow: 1, minWidth: 0, overflowWrap: 'anywhere' },
  title: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', columnGap: tokens.spacingHorizontalS },
  dim: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
  spoken: { position: 'absolute', width: '1px', height: '1px', overflow: 'hidden', clipPath: 'inset(50%)' },
})

/** The triggers in the order in which they are looked at. */
export function Triggers() {
  const { t } = useTranslation()
  const navigate = useNavigate()
  const styles = useStyles()
  const triggers = useTriggers()
  const [filter, setFilter] = useState('')
  const add = (
    <Button appearance="primary" icon={<AddIcon />} onClick={() => void navigate('/admin/triggers/new')}>
      {t('trigger.add')}
    </Button>
  )
  return (
    <Page
      title={t('admin.triggers')}
      lead={t('trigger.lead')}
      actions={
        <>
          <Button icon={<TestIcon />} onClick={() => void navigate('/admin/triggers/test')}>
            {t('trigger.test')}
          </Button>
          {add}
        </>
      }
    >
      <Loaded query={triggers}>
        {(list) =>
          list.length === 0 ? (
            <Empty icon={<TriggerIcon />} title={t('trigger.none')} action={add}>
              {t('trigger.none_hint')}
            </Empty>
          ) : (
            <>
              <FilterInput className={styles.filter} value={filter} onValue={setFilter} label={t('trigger.find')} />
              <Rows all={list} filter={filter.toLowerCase()} />
            </>
          )
        }
      </Loaded>
    </Page>
  )
}

function Rows({ all, filter }: { all: Trigger[]; filter: string }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const notify = useNotify()
  const { reorder, remove } = useTriggerActions()
  const [dragged, setDragged] = useState<number>()
  const [over, setOver] = useState<number>()
  const [deleting, setDeleting] = useState<Trigger>()
  const [spoken, setSpoken] = useState('')
  const shown = all.filter((trigger) => trigger.title.toLowerCase().includes(filter))

  const move = (trigger: Trigger, to: number) => {
    const from = all.indexOf(trigger)
    const ids = moveTo(all, from, to).map(({ id }) => id)
    if (ids.every((id, i) => id === all[i]!.id)) return
    setSpoken(t('trigger.moved', { title: trigger.title, place: to + 1, count: all.length }))
    reorder(ids).catch(notify.failed)
  }
  const drop = (event: DragEvent, onto: Trigger) => {
    event.preventDefault()
    const trigger = all.find(({ id }) => id === dragged)
    setDragged(undefined)
    setOver(undefined)
    if (trigger) move(trigger, all.indexOf(onto))
  }

  return (
    <>
      {shown.length === 0 && <Text>{t('trigger.none_found')}</Text>}
      <ol className={styles.list} aria-label={t('admin.triggers')}>
        {shown.map((trigger) => (
          <li
            key={trigger.id}
            className={mergeClasses(
              styles.row,
              dragged === trigger.id && styles.dragged,
              over === trigger.id && styles.target,
            )}
            onDragOver={(event) => {
              event.preventDefault()
              setOver(trigger.id)
            }}
            onDragLeave={() => setOver(undefined)}
            onDrop={(event) => drop(event, trigger)}
          >
            <Row
              trigger={trigger}
              movable={filter === ''}
              onStep={(step) => move(trigger, all.indexOf(trigger) + step)}
              onDrag={setDragged}
              onDelete={() => setDeleting(trigger)}
            />
          </li>
        ))}
      </ol>
      <div role="status" className={styles.spoken}>
        {spoken}
      </div>
      {deleting && (
        <ConfirmDialog
          title={t('trigger.delete_title', { title: deleting.title })}
          confirm={t('action.delete')}
          onConfirm={() => remove(deleting.id)}
          onClose={() => setDeleting(undefined)}
        >
          <Text block>{t('trigger.delete_what', { count: deleting.usage_7d })}</Text>
        </ConfirmDialog>
      )}
    </>
  )
}

function Row({
  trigger,
  movable,
  onStep,
  onDrag,
  onDelete,
}: {
  trigger: Trigger
  movable: boolean
  onStep: (step: 1 | -1) => void
  onDrag: (id: number | undefined) => void
  onDelete: () => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const notify = useNotify()
  const { save } = useTriggerActions()
  const { id, title } = trigger
  const step = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return
    event.preventDefault()
    onStep(event.key === 'ArrowUp' ? -1 : 1)
  }
  return (
    <>
      {movable && (
        <Button
          className={styles.grip}
          appearance="transparent"
          size="small"
          icon={<GripIcon />}
          aria-label={t('trigger.move', { title, place: trigger.position })}
          title={t('trigger.move_hint')}
          draggable
          onDragStart={() => onDrag(id)}
          onDragEnd={() => onDrag(undefined)}
          onKeyDown={step}
        />
      )}
      <div className={styles.what}>
        <div className={styles.title}>
          <TextLink to={`/admin/triggers/${id}`}>{title}</TextLink>
          {trigger.default && (
            <Badge appearance="outline" size="small">
              {t('trigger.shipped')}
            </Badge>
          )}
          {trigger.broken.length > 0 && <StatusMark tone="error">{t('trigger.broken')}</StatusMark>}
        </div>
        <div className={styles.dim}>
          {trigger.description && <div>{trigger.description}</div>}
          {t('trigger.fired', { count: trigger.usage_7d })}
        </div>
      </div>
      <Switch
        checked={trigger.active}
        aria-label={t('trigger.switch', { title })}
        onChange={(_, data) => void save(id, { active: data.checked }).catch(notify.failed)}
      />
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button appearance="subtle" icon={<MoreIcon />} aria-label={t('trigger.more', { title })} />
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuItem onClick={() => void navigate(`/admin/triggers/${id}`)}>{t('action.edit')}</MenuItem>
            <MenuItem onClick={() => void navigate(`/admin/triggers/new?copy=${id}`)}>{t('trigger.copy')}</MenuItem>
            <MenuItem onClick={onDelete}>{t('action.delete')}</MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
    </>
  )
}
