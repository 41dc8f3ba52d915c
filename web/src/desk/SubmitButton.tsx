import {
  Menu,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  SplitButton,
  type MenuButtonProps,
} from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import type { TicketStatus } from '../api/types'

const offered = ['open', 'pending', 'hold', 'solved'] as const

/** Submits with the status that the ticket shall have; the arrow offers the others. */
export function SubmitButton({
  status,
  disabled,
  onSubmit,
}: {
  status: Exclude<TicketStatus, 'deleted'>
  disabled: boolean
  onSubmit: (status: TicketStatus) => void
}) {
  const { t } = useTranslation()
  return (
    <Menu positioning="above-end">
      <MenuTrigger disableButtonEnhancement>
        {(props: MenuButtonProps) => (
          <SplitButton
            appearance="primary"
            disabled={disabled}
            menuButton={{ ...props, 'aria-label': t('composer.submit_otherwise') }}
            primaryActionButton={{ onClick: () => onSubmit(status), title: 'Ctrl+Enter' }}
          >
            {t(`composer.submit_as.${status}`)}
          </SplitButton>
        )}
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {offered.map((one) => (
            <MenuItem key={one} onClick={() => onSubmit(one)}>
              {t(`composer.submit_as.${one}`)}
            </MenuItem>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}
