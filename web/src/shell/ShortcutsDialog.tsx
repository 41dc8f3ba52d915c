import { Button, DialogActions, DialogBody, DialogContent, DialogTitle } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { Dialog } from '../ui/Dialog'
import { ShortcutList } from './ShortcutList'

/** The keys that work here. */
export function ShortcutsDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  return (
    <Dialog onClose={onClose}>
      <DialogBody>
        <DialogTitle>{t('shortcuts.title')}</DialogTitle>
        <DialogContent>
          <ShortcutList />
        </DialogContent>
        <DialogActions fluid>
          <Button onClick={onClose}>{t('action.close')}</Button>
        </DialogActions>
      </DialogBody>
    </Dialog>
  )
}
