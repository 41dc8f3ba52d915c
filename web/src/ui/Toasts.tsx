import {
  Link,
  Toast,
  ToastBody,
  Toaster,
  ToastTitle,
  ToastTrigger,
  useToastController,
} from '@fluentui/react-components'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { takeNotices } from './notify'

const toasterID = 'tandem-toasts'

/** Shows the notices that wait, and those to come. */
export function Toasts() {
  const { t } = useTranslation()
  const { dispatchToast } = useToastController(toasterID)
  useEffect(
    () =>
      takeNotices(({ intent, sentence, remedy, reference, undo }) => {
        const stays = intent === 'error'
        const action = stays ? (
          <Link as="button">{t('action.close')}</Link>
        ) : undo ? (
          <Link as="button" onClick={undo}>
            {t('action.undo')}
          </Link>
        ) : undefined
        dispatchToast(
          <Toast>
            <ToastTitle action={action && <ToastTrigger>{action}</ToastTrigger>}>{sentence}</ToastTitle>
            {stays && <ToastBody subtitle={reference}>{remedy}</ToastBody>}
          </Toast>,
          { intent, timeout: stays ? -1 : intent === 'info' || undo ? 8000 : 4000 },
        )
      }),
    [dispatchToast, t],
  )
  return <Toaster toasterId={toasterID} position="bottom-end" pauseOnHover limit={4} />
}
