import { useTranslation } from 'react-i18next'
import { StatusMark } from '../ui/StatusMark'
import { isMailState, mailTone } from './states'

/** What became of a mail, as icon, word and colour. */
export function MailState({ state }: { state: string }) {
  const { t } = useTranslation()
  return <StatusMark tone={mailTone(state)}>{isMailState(state) ? t(`mail.state.${state}`) : state}</StatusMark>
}
