import {
  Button,
  Field,
  Input,
  makeStyles,
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Textarea,
  tokens,
} from '@fluentui/react-components'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { TriggerDefinition } from '../../api/types'
import { ValueInput } from './ValueInput'

const useStyles = makeStyles({
  mail: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalS, flexGrow: 1, minWidth: 0 },
  fill: { alignSelf: 'flex-start' },
  list: { maxHeight: '320px' },
})

/** Whom a mail goes to, its subject and its text. */
export function MailInput({
  definition,
  placeholders,
  value,
  faultOf,
  onValue,
}: {
  definition: TriggerDefinition
  placeholders: string[]
  value: string[]
  /** What is wrong with the n-th of the three. */
  faultOf: (n: number) => string | undefined
  onValue: (value: string[]) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [to = '', subject = '', text = ''] = value
  const set = (n: number, part: string) => onValue([to, subject, text].map((old, i) => (i === n ? part : old)))
  const body = useRef<HTMLTextAreaElement>(null)
  const insert = (name: string) => {
    const at = body.current?.selectionStart ?? text.length
    set(2, `${text.slice(0, at)}{{${name}}}${text.slice(body.current?.selectionEnd ?? at)}`)
    body.current?.focus()
  }
  return (
    <div className={styles.mail}>
      <Field label={t('trigger.mail_to')} validationMessage={faultOf(0)}>
        {definition.values?.length ? (
          <ValueInput
            definition={{ ...definition, input: 'person' }}
            value={to}
            label={t('trigger.mail_to')}
            onValue={(one) => set(0, one)}
          />
        ) : (
          <Input type="email" value={to} onChange={(_, data) => set(0, data.value)} />
        )}
      </Field>
      <Field label={t('trigger.mail_subject')} validationMessage={faultOf(1)}>
        <Input value={subject} onChange={(_, data) => set(1, data.value)} />
      </Field>
      <Field label={t('trigger.mail_text')} hint={t('trigger.mail_text_hint')} validationMessage={faultOf(2)}>
        <Textarea ref={body} rows={8} resize="vertical" value={text} onChange={(_, data) => set(2, data.value)} />
      </Field>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button size="small" className={styles.fill}>
            {t('trigger.fill_in')}
          </Button>
        </MenuTrigger>
        <MenuPopover className={styles.list}>
          <MenuList>
            {placeholders.map((name) => (
              <MenuItem key={name} onClick={() => insert(name)}>
                {`{{${name}}}`}
              </MenuItem>
            ))}
          </MenuList>
        </MenuPopover>
      </Menu>
    </div>
  )
}
