import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  makeStyles,
  tokens,
} from '@fluentui/react-components'
import { useState, type FormEvent, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ProblemBar } from './problems'

const useStyles = makeStyles({
  form: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalL,
    paddingBottom: tokens.spacingVerticalS,
  },
})

/** A few fields that are sent together. What is refused is said above them, and what was written stays. */
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
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const send = async (event: FormEvent) => {
    event.preventDefault()
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
    <Dialog open onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        <form onSubmit={(event) => void send(event)}>
          <DialogBody>
            <DialogTitle>{title}</DialogTitle>
            <DialogContent className={styles.form}>
              <ProblemBar error={error} />
              {children}
            </DialogContent>
            <DialogActions fluid>
              <Button onClick={onClose}>{t('action.cancel')}</Button>
              <Button type="submit" appearance="primary" disabled={busy || !complete}>
                {submit}
              </Button>
            </DialogActions>
          </DialogBody>
        </form>
      </DialogSurface>
    </Dialog>
  )
}
