import {
  Button,
  Card,
  Checkbox,
  Field,
  Input,
  makeStyles,
  Select,
  Subtitle2,
  Text,
  Textarea,
  tokens,
} from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate, useParams } from 'react-router'
import { asProblem } from '../../api/problem'
import type { CustomField } from '../../api/types'
import { LeaveGuard } from '../../ui/LeaveGuard'
import { useNotify } from '../../ui/notify'
import { Page } from '../../ui/Page'
import { ProblemBar } from '../../ui/problems'
import { Empty, Loaded } from '../../ui/states'
import { FieldsIcon } from '../../ui/icons'
import { FieldInput } from './FieldInput'
import { DeleteDialog, useOwner } from './Fields'
import { emptyOption, OptionsEditor, type DraftOption } from './OptionsEditor'
import { useFieldActions, useFields, type FieldOwner } from './queries'
import { choosesOptions, fieldTypes, keyFrom, typeOf, type FieldType, type FieldValue } from './values'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
  actions: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  dim: { color: tokens.colorNeutralForeground3 },
})

/** One custom field: made, or changed. */
export function FieldPage() {
  const { t } = useTranslation()
  const { id } = useParams()
  const owner = useOwner()
  const fields = useFields(owner)
  return (
    <Loaded query={fields}>
      {(list) => {
        const field = list.find((one) => String(one.id) === id)
        if (!field && id !== 'new') return <Empty icon={<FieldsIcon />} title={t('field.gone')} />
        return <Editor key={id} owner={owner} field={field} />
      }}
    </Loaded>
  )
}

function Editor({ owner, field }: { owner: FieldOwner; field?: CustomField }) {
  const { t, i18n } = useTranslation()
  const styles = useStyles()
  const navigate = useNavigate()
  const notify = useNotify()
  const { save } = useFieldActions(owner)
  const [type, setType] = useState<FieldType>(field ? typeOf(field) : 'text')
  const [title, setTitle] = useState(field?.title ?? '')
  const [key, setKey] = useState<string>()
  const [description, setDescription] = useState(field?.description ?? '')
  const [required, setRequired] = useState(field?.required ?? false)
  const [tag, setTag] = useState(field?.tag ?? '')
  const [pattern, setPattern] = useState(field?.regexp_for_validation ?? '')
  const [options, setOptions] = useState<DraftOption[]>(
    field?.custom_field_options?.map((option) => ({ ...option, row: String(option.id) })) ?? [emptyOption()],
  )
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const [deleting, setDeleting] = useState(false)
  const list = `/admin/fields/${owner}`
  const ofTickets = owner === 'ticket'
  const filled = options.filter((option) => option.name.trim() || option.value.trim())
  const shownKey = key ?? field?.key ?? keyFrom(title)
  const faults = error ? asProblem(error) : undefined
  const faultAt = (name: string) => {
    const key = `field.fault.${faults?.faults[name]}`
    return i18n.exists(key) ? String(t(key as never)) : faults?.fields[name]
  }

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      await save(field?.id, {
        ...(field ? {} : { type, key: ofTickets ? undefined : shownKey }),
        title,
        description,
        required,
        tag: type === 'checkbox' && ofTickets ? tag : undefined,
        regexp_for_validation: type === 'regexp' ? pattern : undefined,
        custom_field_options: choosesOptions(type)
          ? filled.map((option) => ({ id: option.id, name: option.name, value: option.value, default: option.default }))
          : undefined,
      })
      notify.done(t('state.saved'))
      void navigate(list)
    } catch (thrown) {
      setError(thrown)
      setBusy(false)
    }
  }

  return (
    <Page title={field?.title ?? t('field.add')} slim back={{ to: list, label: t('admin.fields') }}>
      <LeaveGuard value={[type, title, key, description, required, tag, pattern, filled]} done={busy || deleting} />
      <Card className={styles.card}>
        <form className={styles.form} onSubmit={(event) => void submit(event)}>
          <ProblemBar error={error} />
          <Field label={t('field.type_label')} hint={field ? t('field.type_stays') : t(`field.type_hint.${type}`)}>
            <Select value={type} disabled={field !== undefined} onChange={(_, data) => setType(data.value as FieldType)}>
              {fieldTypes.map((one) => (
                <option key={one} value={one}>
                  {t(`field.type.${one}`)}
                </option>
              ))}
            </Select>
          </Field>
          <Field label={t('field.title')} required validationMessage={faultAt('title')}>
            <Input value={title} maxLength={200} autoFocus={!field} onChange={(_, data) => setTitle(data.value)} />
          </Field>
          {!ofTickets && (
            <Field label={t('field.key')} hint={t('field.key_hint')} required validationMessage={faultAt('key')}>
              <Input value={shownKey} disabled={field !== undefined} onChange={(_, data) => setKey(data.value)} />
            </Field>
          )}
          <Field label={t('field.description')} hint={t('field.description_hint')}>
            <Textarea rows={2} value={description} onChange={(_, data) => setDescription(data.value)} />
          </Field>
          {type === 'regexp' && (
            <Field
              label={t('field.pattern')}
              hint={t('field.pattern_hint')}
              required
              validationMessage={faultAt('regexp_for_validation')}
            >
              <Input value={pattern} onChange={(_, data) => setPattern(data.value)} />
            </Field>
          )}
          {type === 'checkbox' && ofTickets && (
            <Field label={t('field.tag')} hint={t('field.tag_hint')} validationMessage={faultAt('tag')}>
              <Input value={tag} maxLength={80} onChange={(_, data) => setTag(data.value)} />
            </Field>
          )}
          {choosesOptions(type) && (
            <OptionsEditor
              options={options}
              tags={ofTickets}
              fault={faultAt('custom_field_options')}
              // The server numbers the options that were sent; empty lines were not.
              faultOf={(option, part) => faultAt(`custom_field_options.${filled.indexOf(option)}.${part}`)}
              onOptions={setOptions}
            />
          )}
          {ofTickets && (
            <Checkbox
              label={t('field.required')}
              checked={required}
              onChange={(_, data) => setRequired(data.checked === true)}
            />
          )}
          <div className={styles.actions}>
            <Button type="submit" appearance="primary" disabled={busy || !title.trim()}>
              {t('action.save')}
            </Button>
            <Button onClick={() => void navigate(list)}>{t('action.cancel')}</Button>
            {field && <Button onClick={() => setDeleting(true)}>{t('action.delete')}</Button>}
          </div>
        </form>
      </Card>
      <Preview
        field={{
          ...(field ?? blank),
          type,
          title: title || t('field.title'),
          description,
          required,
          custom_field_options: filled.map((option, i) => ({
            ...blankOption,
            ...option,
            id: i,
            name: option.name || option.value,
            value: option.value || option.name,
          })),
        }}
      />
      {deleting && field && (
        <DeleteDialog owner={owner} field={field} onClose={() => setDeleting(false)} />
      )}
    </Page>
  )
}

const blank = { id: 0, active: true, key: null } as CustomField
const blankOption = { raw_name: '', position: 0, default: false }

/** The field as whoever fills it in will see it; to be tried. */
function Preview({ field }: { field: CustomField }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [value, setValue] = useState<FieldValue>(null)
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('field.preview')}</Subtitle2>
      <Text className={styles.dim}>{t('field.preview_hint')}</Text>
      <FieldInput key={field.type} field={field} value={value} onChange={setValue} />
    </Card>
  )
}
