import {
  Button,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  tokens,
} from '@fluentui/react-components'
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { Dialog } from './Dialog'
import { ProblemBar } from './problems'

const useStyles = makeStyles({
  content: {
    paddingBottom: tokens.spacingVerticalS,
    '& ul': { margin: `${tokens.spacingVerticalS} 0`, paddingLeft: tokens.spacingHorizontalXL },
  },
  name: { marginTop: tokens.spacingVerticalL },
})

/** Asks before harm: says what will happen, and asks for the name when it cannot be undone. */
export function ConfirmDialog({
  title,
  children,
  confirm,
  cancel,
  name,
  informs,
  onConfirm,
  onClose,
}: {
  title: string
  children: ReactNode
  confirm: string
  /** Other words for not doing it. */
  cancel?: string
  name?: string
  /** There is nothing to decide, only something to know. */
  informs?: boolean
  onConfirm: () => Promise<unknown>
  onClose: () => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [typed, setTyped] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()

  const act = async () => {
    setBusy(true)
    setError(undefined)
    try {
      await onConfirm()
      onClose()
    } catch (thrown) {
      setError(thrown)
      setBusy(false)
    }
  }

  return (
    <Dialog alert onClose={onClose}>
      <DialogBody>
        <DialogTitle>{title}</DialogTitle>
        <DialogContent className={styles.content}>
          {children}
          {name && (
            <Field label={t('confirm.type_name', { name })} className={styles.name}>
              <Input value={typed} onChange={(_, data) => setTyped(data.value)} autoComplete="off" />
            </Field>
          )}
          <ProblemBar error={error} />
        </DialogContent>
        <DialogActions fluid>
          {!informs && <Button onClick={onClose}>{cancel ?? t('action.cancel')}</Button>}
          <Button
            appearance="primary"
            disabled={busy || (name !== undefined && typed !== name)}
            onClick={() => void act()}
          >
            {confirm}
          </Button>
        </DialogActions>
      </DialogBody>
    </Dialog>
  )
}
