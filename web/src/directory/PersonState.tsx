import { useTranslation } from 'react-i18next'
import type { User } from '../api/types'
import { StatusMark } from '../ui/StatusMark'

/** Whether a person may act, in a word. */
export function PersonState({ user }: { user: User }) {
  const { t } = useTranslation()
  if (user.permanently_deleted_at) return <StatusMark tone="neutral">{t('people.erased')}</StatusMark>
  if (!user.active) return <StatusMark tone="error">{t('people.is_deleted')}</StatusMark>
  if (user.suspended) return <StatusMark tone="warning">{t('people.suspended')}</StatusMark>
  return <StatusMark tone="ok">{t('people.active')}</StatusMark>
}
