import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf } from '../api/problem'
import type { Credential } from '../api/types'
import { useNotify } from '../ui/notify'

/** Adds a credential, says what Microsoft made of it, and closes the dialog. */
export function useAdded(onClose: () => void) {
  const { t } = useTranslation()
  const notify = useNotify()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const run = async (add: () => Promise<Credential>) => {
    setBusy(true)
    setError(undefined)
    try {
      const added = await add()
      if (added.error) notify.failed(problemOf(added.error))
      else if (added.state === 'working') notify.done(t('credential.accepted_now', { name: added.name }))
      else notify.done(t('credential.saved_untried', { name: added.name }))
      onClose()
    } catch (thrown) {
      setError(thrown)
      setBusy(false)
    }
  }
  return { busy, error, run }
}
