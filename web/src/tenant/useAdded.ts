import { useTranslation } from 'react-i18next'
import { problemOf } from '../api/problem'
import type { Credential } from '../api/types'
import { useNotify } from '../ui/notify'

/** Says what Microsoft made of a credential that was added, and closes the dialog. */
export function useAdded(onClose: () => void) {
  const { t } = useTranslation()
  const notify = useNotify()
  return (added: Credential) => {
    if (added.error) notify.failed(problemOf(added.error))
    else if (added.state === 'working') notify.done(t('credential.accepted_now', { name: added.name }))
    else notify.done(t('credential.saved_untried', { name: added.name }))
    onClose()
  }
}
