import {
  Button,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogTitle,
  Field,
  makeStyles,
  Text,
  tokens,
  type FieldProps,
} from '@fluentui/react-components'
import { createContext, use, useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ConfirmDialog } from './ConfirmDialog'
import { Dialog } from './Dialog'
import { ProblemBar, useProblemWords } from './problems'

const useStyles = makeStyles({
  form: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalL,
    paddingBottom: tokens.spacingVerticalS,
  },
})

/** Why the form was not taken. */
const Refusal = createContext<unknown>(undefined)

/** One field of a form; what is wrong with it is said at it. */
export function FormField({ name, ...field }: FieldProps & { /** As the API calls it. */ name: string }) {
  const words = useProblemWords()
  const refusal = use(Refusal)
  const wrong = refusal ? words(refusal).at(name) : undefined
  // The form says it aloud already.
  return <Field {...field} validationMessage={wrong && { children: wrong, role: undefined }} />
}

/** A few fields that are sent together. What is refused is said above them and at the field, and what was written stays. */
export function FormDialog({
  title,
  children,
  submit,
  complete,
  onSubmit,
  onClose,
}: {
  title: string
  children: ReactNode
  submit: string
  /** Whether there is all that is needed. */
  complete: boolean
  onSubmit: () => Promise<unknown>
  onClose: () => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const form = useRef<HTMLFormElement>(null)
  const [written, setWritten] = useState(false)
  const [leaving, setLeaving] = useState(false)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  useEffect(() => {
    if (error) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [error])
  const send = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    setBusy(true)
    setError(undefined)
    try {
      await onSubmit()
    } catch (thrown) {
      setError(thrown)
      setBusy(false)
    }
  }
  return (
    <Dialog
      onClose={() => {
        if (busy) return
        // Nobody loses what they wrote by a key or a click beside the dialog.
        if (!written) return onClose()
        setLeaving(true)
      }}
    >
      <form ref={form} onSubmit={(event) => void send(event)} onChange={() => setWritten(true)}>
        <DialogBody>
          <DialogTitle>{title}</DialogTitle>
          <DialogContent className={styles.form}>
            <ProblemBar error={error} />
            <Refusal value={error}>{children}</Refusal>
          </DialogContent>
          <DialogActions fluid>
            <Button disabled={busy} onClick={onClose}>
              {t('action.cancel')}
            </Button>
            <Button type="submit" appearance="primary" disabled={!complete} disabledFocusable={busy}>
              {submit}
            </Button>
          </DialogActions>
        </DialogBody>
      </form>
      {leaving && (
        <ConfirmDialog
          title={t('form.discard_title')}
          confirm={t('form.discard')}
          cancel={t('form.go_on')}
          onConfirm={async () => onClose()}
          onClose={() => setLeaving(false)}
        >
          <Text>{t('form.discard_what')}</Text>
        </ConfirmDialog>
      )}
    </Dialog>
  )
}
