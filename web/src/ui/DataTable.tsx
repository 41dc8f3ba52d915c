import {
  makeStyles,
  mergeClasses,
  Table,
  TableBody,
  TableCell,
  TableHeader,
  TableHeaderCell,
  TableRow,
  TableSelectionCell,
  tokens,
} from '@fluentui/react-components'
import { Fragment, type MouseEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Link as RouterLink, useNavigate } from 'react-router'

export interface Column<T> {
  id: string
  label: string
  cell: (row: T) => ReactNode
  /** The API's name of the order, when the column can be sorted by. */
  sort?: string
  width?: string
  /** Where the column is left out: in a narrow table, or already where one has less room than it needs. */
  hide?: 'narrow' | 'medium'
  /** A second line in a narrow table, for what the columns left out would say. */
  second?: (row: T) => ReactNode
}

// Whatever the screen: beside the list of views a tablet has little room as well.
const little = '@container (max-width: 640px)'

const useStyles = makeStyles({
  scroll: { overflowX: 'auto', containerType: 'inline-size' },
  table: { tableLayout: 'fixed', minWidth: '100%' },
  cell: { overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' },
  head: { fontWeight: tokens.fontWeightSemibold, whiteSpace: 'nowrap', overflow: 'hidden' },
  check: { width: '36px' },
  hide_narrow: { [little]: { display: 'none' } },
  hide_medium: { '@container (max-width: 940px)': { display: 'none' } },
  second: {
    display: 'none',
    [little]: {
      display: 'flex',
      gap: tokens.spacingHorizontalXS,
      paddingBottom: tokens.spacingVerticalXS,
      color: tokens.colorNeutralForeground3,
      fontSize: tokens.fontSizeBase200,
      overflow: 'hidden',
    },
  },
  openable: { cursor: 'pointer', ':focus-within': { backgroundColor: tokens.colorSubtleBackgroundHover } },
  group: {
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground2,
    backgroundColor: tokens.colorNeutralBackground2,
  },
  rowLink: {
    // As the row's own, which high contrast turns around under the pointer.
    color: 'inherit',
    textDecorationLine: 'none',
    ':hover': { textDecorationLine: 'underline' },
  },
})

/** The link in a row's main cell, by which the keyboard opens it. */
export function RowLink({ to, strong, children }: { to: string; strong?: boolean; children: ReactNode }) {
  const styles = useStyles()
  return (
    <RouterLink to={to} className={styles.rowLink} data-row-link style={strong ? { fontWeight: 600 } : undefined}>
      {children}
    </RouterLink>
  )
}

/** A table with a header to sort by, rows to open and, when asked for, rows to choose. */
export function DataTable<T extends { id: number }>({
  label,
  columns,
  rows,
  href,
  sort,
  onSort,
  groupOf,
  selection,
}: {
  label: string
  columns: Column<T>[]
  rows: T[]
  href?: (row: T) => string
  /** As the API writes it: "-updated_at" is newest first. */
  sort?: string
  onSort?: (sort: string) => void
  /** The name of the group that a row stands in; rows of one come together. */
  groupOf?: (row: T) => string
  selection?: { chosen: ReadonlySet<number>; onChange: (chosen: Set<number>) => void; name: (row: T) => string }
}) {
  const styles = useStyles()
  const navigate = useNavigate()
  const { t } = useTranslation()
  const classOf = (column: Column<T>) => mergeClasses(styles.cell, column.hide && styles[`hide_${column.hide}`])

  const open = (row: T) => (event: MouseEvent<HTMLElement>) => {
    const within = event.target as HTMLElement
    // React brings up clicks in a row's menu, too, which stands elsewhere on the page.
    if (!href || !event.currentTarget.contains(within) || within.closest('a, button, input, label') || getSelection()?.toString()) return
    void navigate(href(row))
  }
  const toggle = (row: T) => {
    const chosen = new Set(selection!.chosen)
    if (!chosen.delete(row.id)) chosen.add(row.id)
    selection!.onChange(chosen)
  }
  const all = rows.length > 0 && rows.every((row) => selection?.chosen.has(row.id))
  const some = rows.some((row) => selection?.chosen.has(row.id))

  return (
    <div className={styles.scroll}>
      <Table size="small" aria-label={label} className={styles.table}>
        <TableHeader>
          <TableRow>
            {selection && (
              <TableSelectionCell
                className={styles.check}
                checked={all ? true : some ? 'mixed' : false}
                checkboxIndicator={{ 'aria-label': t('table.choose_all') }}
                onClick={() => selection.onChange(all ? new Set() : new Set(rows.map((row) => row.id)))}
              />
            )}
            {columns.map((column) => {
              const direction =
                sort === column.sort ? 'ascending' : sort === `-${column.sort}` ? 'descending' : undefined
              return (
                <TableHeaderCell
                  key={column.id}
                  className={mergeClasses(styles.head, column.hide && styles[`hide_${column.hide}`])}
                  style={{ width: column.width }}
                  sortable={column.sort !== undefined}
                  sortDirection={column.sort ? direction : undefined}
                  onClick={
                    column.sort
                      ? () => onSort?.(direction === 'descending' ? column.sort! : `-${column.sort}`)
                      : undefined
                  }
                >
                  {column.label}
                </TableHeaderCell>
              )
            })}
          </TableRow>
        </TableHeader>
        <TableBody>
          {rows.map((row, i) => (
            <Fragment key={row.id}>
            {groupOf && (i === 0 || groupOf(row) !== groupOf(rows[i - 1]!)) && (
              <TableRow>
                <TableCell colSpan={columns.length + (selection ? 1 : 0)} className={styles.group} role="rowheader">
                  {groupOf(row)}
                </TableCell>
              </TableRow>
            )}
            <TableRow
              data-row={row.id}
              className={href && styles.openable}
              onClick={open(row)}
              appearance={selection?.chosen.has(row.id) ? 'brand' : 'none'}
            >
              {selection && (
                <TableSelectionCell
                  className={styles.check}
                  checked={selection.chosen.has(row.id)}
                  checkboxIndicator={{ 'aria-label': t('table.choose', { name: selection.name(row) }) }}
                  onClick={(event) => {
                    event.stopPropagation()
                    toggle(row)
                  }}
                />
              )}
              {columns.map((column) => (
                <TableCell key={column.id} className={classOf(column)}>
                  {column.cell(row)}
                  {column.second && <span className={styles.second}>{column.second(row)}</span>}
                </TableCell>
              ))}
            </TableRow>
            </Fragment>
          ))}
        </TableBody>
      </Table>
    </div>
  )
}

/** Moves the keyboard to the next or previous row's link. */
export function moveRow(step: 1 | -1) {
  const links = [...document.querySelectorAll<HTMLElement>('[data-row-link]')]
  const here = links.findIndex((link) => link.closest('[data-row]')?.contains(document.activeElement))
  const next = here < 0 ? (step > 0 ? 0 : links.length - 1) : here + step
  links[next]?.focus()
  links[next]?.scrollIntoView({ block: 'nearest' })
}

/** The number of the row that the keyboard is on. */
export function rowInFocus(): number | undefined {
  const row = document.activeElement?.closest<HTMLElement>('[data-row]')?.dataset.row
  return row === undefined ? undefined : Number(row)
}
