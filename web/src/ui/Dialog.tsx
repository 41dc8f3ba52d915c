import { DialogSurface, Dialog as FluentDialog } from '@fluentui/react-components'
import type { ReactNode } from 'react'
import { useOwnFocus } from './useOwnFocus'

/** A dialog for as long as it is rendered. Who leaves it is where they were. */
export function Dialog({
  alert,
  className,
  children,
  onClose,
}: {
  /** Whether a click beside it leaves it open. */
  alert?: boolean
  /** For its surface. */
  className?: string
  children: ReactNode
  onClose: () => void
}) {
  const surface = useOwnFocus()
  return (
    <FluentDialog open modalType={alert ? 'alert' : 'modal'} onOpenChange={(_, { open }) => !open && onClose()}>
      <DialogSurface ref={surface} className={className}>
        {children}
      </DialogSurface>
    </FluentDialog>
  )
}
