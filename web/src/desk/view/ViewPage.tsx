import { Button, Card, Field, makeStyles, Select, Subtitle2, Text, tokens } from '@fluentui/react-components'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useLocation, useNavigate, useParams, useSearchParams } from 'react-router'
import type { Restriction, Ticket, View, ViewBody, ViewDefinitions } from '../../api/types'
import { AudienceField, restrictionOf, sentRestriction } from '../AudienceField'
import { asColumn } from '../columns'
import { columnName } from '../customColumn'
import { TicketStatus } from '../TicketStatus'
import { LineList } from '../trigger/LineList'
import { conditionsOf, linesOf, type Line } from '../trigger/rule'
import { RuleForm, type About } from '../trigger/RuleForm'
import { moveTo } from '../trigger/words'
import { countText, useViewTitle } from '../views'
import { CloseIcon, IncomingIcon, OutgoingIcon } from '../../ui/icons'
import { useNotify } from '../../ui/notify'
import { Loaded } from '../../ui/states'
import { TextLink } from '../../ui/TextLink'
import { useView, useViewActions, useViewDefinitions, useViewPreview } from './queries'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalXL },
  columns: { listStyleType: 'none', margin: 0, padding: 0, display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  column: {
    display: 'flex',
    alignItems: 'center',
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusMedium,
    paddingLeft: tokens.spacingHorizontalS,
  },
  pair: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalL },
  rows: { margin: 0, padding: 0, listStyleType: 'none' },
  row: { display: 'flex', gap: tokens.spacingHorizontalS, alignItems: 'center', padding: `${tokens.spacingVerticalXS} 0`, overflowWrap: 'anywhere' },
})

/** One view, a new one, or the copy of one, to be edited: shared ones by administrators, and everybody's own. */
export function ViewPage() {
  const { id } = useParams()
  const [search] = useSearchParams()
  const fresh = id === 'new'
  const source = Number(fresh ? search.get('copy') : id)
  const definitions = useViewDefinitions()
  const view = useView(source, source > 0)
  return (
    <Loaded query={definitions}>
      {(known) =>
        source > 0 ? (
          <Loaded query={view}>{(data) => <Editor key={`${id} ${data.updated_at}`} known={known} view={data} copy={fresh} />}</Loaded>
        ) : (
          <Editor known={known} />
        )
      }
    </Loaded>
  )
}

interface Shape extends About {
  restriction: Restriction | null
  all: Line[]
  any: Line[]
  columns: string[]
  groupBy: string
  groupOrder: 'asc' | 'desc'
  sortBy: string
  sortOrder: 'asc' | 'desc'
}

function bodyOf(shape: Shape): ViewBody {
  return {
    title: shape.title,
    description: shape.description,
    active: shape.active,
    restriction: sentRestriction(shape.restriction),
    conditions: { all: conditionsOf(shape.all), any: conditionsOf(shape.any) },
    output: {
      columns: shape.columns,
      group_by: shape.groupBy,
      group_order: shape.groupOrder,
      sort_by: shape.sortBy,
      sort_order: shape.sortOrder,
    },
  }
}

const unsolved = { field: 'status', operator: 'less_than', value: 'solved' }

function Editor({ known, view, copy }: { known: ViewDefinitions; view?: View; copy?: boolean }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const notify = useNotify()
  const titleOf = useViewTitle()
  const { save, remove } = useViewActions()
  const admin = useLocation().pathname.startsWith('/admin')
  const back = admin ? '/admin/views' : '/tickets'
  const [shape, setShape] = useState<Shape>(() => ({
    title: view ? (copy ? t('trigger.copy_of', { title: titleOf(view) }) : view.title) : '',
    description: view?.description ?? '',
    active: view?.active ?? true,
    restriction: copy ? (admin ? restrictionOf(view!) : { type: 'User' }) : view ? restrictionOf(view) : admin ? null : { type: 'User' },
    all: linesOf(view?.conditions.all ?? [unsolved]),
    any: linesOf(view?.conditions.any ?? []),
    columns: (view?.execution.columns ?? []).map(({ id }) => columnName(id)).filter((one) => known.columns.some(({ id }) => columnName(id) === one)),
    groupBy: view?.execution.group ? columnName(view.execution.group.id) : '',
    groupOrder: view?.execution.group_order ?? 'asc',
    sortBy: view?.execution.sort ? columnName(view.execution.sort.id) : 'updated',
    sortOrder: view?.execution.sort_order ?? 'desc',
  }))
  const [gone, setGone] = useState(false)
  const set = (change: Partial<Shape>) => setShape((old) => ({ ...old, ...change }))
  const name = (column: string) => {
    const one = asColumn(column)
    return one ? t(`view.column.${one}`) : (known.columns.find(({ id }) => columnName(id) === column)?.title ?? column)
  }

  const discard = async (id: number) => {
    setGone(true)
    try {
      await remove(id)
      await navigate('/tickets')
    } catch (thrown) {
      notify.failed(thrown)
      setGone(false)
    }
  }
  const submit = async () => {
    const body = bodyOf(shape)
    if (view && !copy && view.title === shape.title) delete body.title // keeps the translated title of a shipped one
    const saved = await save(copy ? undefined : view?.id, body)
    return admin ? back : `/tickets?view=${saved.id}`
  }
  const order = (value: 'asc' | 'desc', label: string, onValue: (value: 'asc' | 'desc') => void) => (
    <Field label={label}>
      <Select value={value} onChange={(_, data) => onValue(data.value as 'asc' | 'desc')}>
        <option value="asc">{t('view.ascending')}</option>
        <option value="desc">{t('view.descending')}</option>
      </Select>
    </Field>
  )
  return (
    <RuleForm
      title={view && !copy ? titleOf(view) : t('view.new_view')}
      back={{ to: back, label: admin ? t('admin.views') : t('view.label') }}
      about={shape}
      fresh={!view}
      written={shape}
      gone={gone}
      broken={view?.broken}
      audience={admin && <AudienceField value={shape.restriction} onValue={(restriction) => set({ restriction })} />}
      buttons={
        view && !copy && view.restriction?.type === 'User' ? (
          <Button onClick={() => void discard(view.id)}>{t('action.delete')}</Button>
        ) : undefined
      }
      onAbout={set}
      onSave={submit}
    >
      {(faults) => (
        <>
          <Card className={styles.card}>
            <LineList
              heading={t('trigger.all')}
              path="conditions.all"
              lines={shape.all}
              definitions={known.conditions_all}
              placeholders={[]}
              faults={faults}
              onLines={(all) => set({ all })}
            />
            <LineList
              heading={t('trigger.any')}
              hint={t('trigger.any_hint')}
              path="conditions.any"
              lines={shape.any}
              definitions={known.conditions_any}
              placeholders={[]}
              faults={faults}
              onLines={(any) => set({ any })}
            />
          </Card>
          <Card className={styles.card}>
            <Field label={t('view.columns')} validationMessage={faults.columns}>
              <ol className={styles.columns} aria-label={t('view.columns')}>
                {shape.columns.map((column, i) => (
                  <li key={column} className={styles.column}>
                    <Text>{name(column)}</Text>
                    <Button
                      size="small"
                      appearance="transparent"
                      icon={<OutgoingIcon />}
                      disabled={i === 0}
                      aria-label={t('view.column_earlier', { name: name(column) })}
                      onClick={() => set({ columns: moveTo(shape.columns, i, i - 1) })}
                    />
                    <Button
                      size="small"
                      appearance="transparent"
                      icon={<IncomingIcon />}
                      disabled={i === shape.columns.length - 1}
                      aria-label={t('view.column_later', { name: name(column) })}
                      onClick={() => set({ columns: moveTo(shape.columns, i, i + 1) })}
                    />
                    <Button
                      size="small"
                      appearance="transparent"
                      icon={<CloseIcon />}
                      aria-label={t('view.column_remove', { name: name(column) })}
                      onClick={() => set({ columns: shape.columns.filter((one) => one !== column) })}
                    />
                  </li>
                ))}
              </ol>
            </Field>
            <Field label={t('view.column_add')}>
              <Select value="" onChange={(_, data) => data.value && set({ columns: [...shape.columns, data.value] })}>
                <option value="">{t('trigger.choose')}</option>
                {known.columns
                  .map(({ id }) => columnName(id))
                  .filter((one) => !shape.columns.includes(one))
                  .map((one) => (
                    <option key={one} value={one}>
                      {name(one)}
                    </option>
                  ))}
              </Select>
            </Field>
            <div className={styles.pair}>
              <Field label={t('view.sort')} validationMessage={faults.sort_by}>
                <Select value={shape.sortBy} onChange={(_, data) => set({ sortBy: data.value })}>
                  {known.columns
                    .filter((one) => one.sorts)
                    .map((one) => (
                      <option key={one.id} value={columnName(one.id)}>
                        {name(columnName(one.id))}
                      </option>
                    ))}
                </Select>
              </Field>
              {order(shape.sortOrder, t('view.order'), (sortOrder) => set({ sortOrder }))}
              <Field label={t('view.group')} validationMessage={faults.group_by}>
                <Select value={shape.groupBy} onChange={(_, data) => set({ groupBy: data.value })}>
                  <option value="">{t('trigger.nothing')}</option>
                  {known.columns
                    .filter((one) => one.groups)
                    .map((one) => (
                      <option key={one.id} value={columnName(one.id)}>
                        {name(columnName(one.id))}
                      </option>
                    ))}
                </Select>
              </Field>
              {shape.groupBy && order(shape.groupOrder, t('view.group_order'), (groupOrder) => set({ groupOrder }))}
            </div>
          </Card>
          <Preview shape={shape} />
        </>
      )}
    </RuleForm>
  )
}

/** What the view would list as it stands in the form. */
function Preview({ shape }: { shape: Shape }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const settled = useDeferredValue(bodyOf(shape))
  const preview = useViewPreview(settled)
  const rows = (preview.data?.rows.rows ?? []).map((row) => row.ticket as Ticket)
  return (
    <Card className={styles.card} role="region" aria-label={t('view.preview')}>
      <Subtitle2 as="h2">
        {t('view.preview')} {preview.data && `(${countText(preview.data.count, i18n.language)})`}
      </Subtitle2>
      {preview.error ? (
        <Text>{t('view.preview_incomplete')}</Text>
      ) : (
        <ul className={styles.rows}>
          {rows.map((ticket) => (
            <li key={ticket.id} className={styles.row}>
              <TicketStatus status={ticket.status} />
              <TextLink to={`/tickets/${ticket.id}`}>{`#${ticket.id} ${ticket.subject}`}</TextLink>
            </li>
          ))}
          {preview.data && rows.length === 0 && <li>{t('tickets.empty.view')}</li>}
        </ul>
      )}
    </Card>
  )
}
