import {
  Link,
  Toast,
  ToastBody,
  Toaster,
  ToastTitle,
  ToastTrigger,
  makeStyles,
  useToastController,
} from '@fluentui/react-components'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { takeNotices } from './notify'

const toasterID = 'tandem-toasts'

// A landmark of its own, so that a screen reader finds what was said again; clicks pass through it.
const useStyles = makeStyles({
  region: { position: 'fixed', inset: 0, zIndex: 1_000_000, pointerEvents: 'none' },
})

/** Shows the notices that wait, and those to come. */
export function Toasts() {
  const { t } = useTranslation()
  const styles = useStyles()
  const { dispatchToast } = useToastController(toasterID)
  useEffect(
    () =>
      takeNotices(({ intent, sentence, remedy, reference, undo }) => {
        const stays = intent === 'error'
        let undone = false // a notice that is clicked twice goes only after a moment
        const undoOnce = () => {
          if (!undone) undo?.()
          undone = true
        }
        const action = stays ? (
          <Link as="button">{t('action.close')}</Link>
        ) : undo ? (
          <Link as="button" onClick={undoOnce}>
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
  return (
    <section aria-label={t('shell.notices')} className={styles.region}>
      <Toaster toasterId={toasterID} position="bottom-end" pauseOnHover limit={4} inline />
    </section>
  )
}
