import { useTranslation } from 'react-i18next'
import { StatusMark } from '../ui/StatusMark'
import { isCause, type Cause } from './causes'

/** Causes in which somebody may mean harm, or something is broken. */
const graver: Cause[] = ['failed_email_authentication', 'loop', 'auto_delivery_failure']

/** Why a mail is suspended, in words. */
export function CauseMark({ cause }: { cause: string }) {
  const { t } = useTranslation()
  if (!isCause(cause)) return <>{cause}</>
  return <StatusMark tone={graver.includes(cause) ? 'warning' : 'neutral'}>{t(`cause.${cause}`)}</StatusMark>
}
