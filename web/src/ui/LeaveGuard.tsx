import { Text } from '@fluentui/react-components'
import { useCallback, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ConfirmDialog } from './ConfirmDialog'
import { useGuard } from './leaveGuard'

/** Asks before a form is left in which something was written. It stands in the form once it is filled with what is kept. */
export function LeaveGuard({
  value,
  done,
}: {
  /** What would be saved. */
  value: unknown
  /** It is being saved or deleted, so that leaving loses nothing. */
  done: boolean
}) {
  const { t } = useTranslation()
  const written = JSON.stringify(value)
  const [kept] = useState(written)
  const [goOn, setGoOn] = useState<() => void>()
  const guard = useCallback((next: () => void) => {
    setGoOn(() => next)
    return true
  }, [])
  useGuard(written !== kept && !done ? guard : undefined)
  return (
    goOn && (
      <ConfirmDialog
        title={t('form.discard_title')}
        cancel={t('form.go_on')}
        confirm={t('form.discard')}
        onConfirm={async () => goOn()}
        onClose={() => setGoOn(undefined)}
      >
        <Text>{t('form.discard_what')}</Text>
      </ConfirmDialog>
    )
  )
}
