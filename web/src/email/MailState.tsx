import { useTranslation } from 'react-i18next'
import type { MailState as State } from '../api/types'
import { StatusMark } from '../ui/StatusMark'
import { mailTone } from './states'

/** What became of a mail, as icon, word and colour. */
export function MailState({ state }: { state: State }) {
  const { t } = useTranslation()
  return <StatusMark tone={mailTone(state)}>{t(`mail.state.${state}`)}</StatusMark>
}
