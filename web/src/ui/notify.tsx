import {
  Link,
  Toast,
  ToastBody,
  Toaster,
  ToastTitle,
  ToastTrigger,
  useToastController,
} from '@fluentui/react-components'
import { useCallback } from 'react'
import { useTranslation } from 'react-i18next'
import { useProblemWords } from './problems'

const toasterID = 'tandem-toasts'

/** Where short messages appear. */
export function Notices() {
  return <Toaster toasterId={toasterID} position="bottom-end" pauseOnHover limit={4} />
}

/** Says that something was done, with a way back when there is one; what else there is to know; or why it was not done. */
export function useNotify() {
  const { t } = useTranslation()
  const words = useProblemWords()
  const { dispatchToast } = useToastController(toasterID)

  const done = useCallback(
    (sentence: string, undo?: () => void) =>
      dispatchToast(
        <Toast>
          <ToastTitle
            action={
              undo && (
                <ToastTrigger>
                  <Link as="button" onClick={undo}>
                    {t('action.undo')}
                  </Link>
                </ToastTrigger>
              )
            }
          >
            {sentence}
          </ToastTitle>
        </Toast>,
        { intent: 'success', timeout: undo ? 8000 : 4000 },
      ),
    [dispatchToast, t],
  )

  const told = useCallback(
    (sentence: string) =>
      dispatchToast(
        <Toast>
          <ToastTitle>{sentence}</ToastTitle>
        </Toast>,
        { intent: 'info', timeout: 8000 },
      ),
    [dispatchToast],
  )

  const failed = (thrown: unknown) => {
    const { problem, message, remedy } = words(thrown)
    dispatchToast(
      <Toast>
        <ToastTitle
          action={
            <ToastTrigger>
              <Link as="button">{t('action.close')}</Link>
            </ToastTrigger>
          }
        >
          {message}
        </ToastTitle>
        <ToastBody subtitle={problem.reference || undefined}>{remedy}</ToastBody>
      </Toast>,
      { intent: 'error', timeout: -1 },
    )
  }
  return { done, told, failed }
}
