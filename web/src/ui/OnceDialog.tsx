import {
  Button,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogTitle,
  makeStyles,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { Dialog } from './Dialog'
import { SecretField } from './SecretField'

const useStyles = makeStyles({
  content: {
    display: 'flex',
    flexDirection: 'column',
    gap: tokens.spacingVerticalL,
    paddingBottom: tokens.spacingVerticalS,
  },
})

/** A secret that is shown this once; a click beside the dialog does not lose it. */
export function OnceDialog({
  title,
  children,
  label,
  secret,
  onClose,
}: {
  title: string
  /** What the secret is for, and that it is not shown again. */
  children: string
  label: string
  secret: string
  onClose: () => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  return (
    <Dialog alert onClose={onClose}>
      <DialogBody>
        <DialogTitle>{title}</DialogTitle>
        <DialogContent className={styles.content}>
          <Text>{children}</Text>
          <SecretField value={secret} label={label} />
        </DialogContent>
        <DialogActions fluid>
          <Button appearance="primary" onClick={onClose}>
            {t('action.done')}
          </Button>
        </DialogActions>
      </DialogBody>
    </Dialog>
  )
}
