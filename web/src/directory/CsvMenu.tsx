import { Menu, MenuButton, MenuItem, MenuItemLink, MenuList, MenuPopover, MenuTrigger } from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { DownloadIcon, UploadIcon } from '../ui/icons'

/** What goes between the list and a spreadsheet: all that the list shows goes out, and what is in a file comes in. */
export function CsvMenu({ exportURL, importPath }: { exportURL: string; importPath?: string }) {
  const { t } = useTranslation()
  const navigate = useNavigate()
  return (
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <MenuButton>{t('csv.menu')}</MenuButton>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuItemLink href={exportURL} icon={<DownloadIcon />}>
            {t('csv.export')}
          </MenuItemLink>
          {importPath && (
            <MenuItem icon={<UploadIcon />} onClick={() => void navigate(importPath)}>
              {t('csv.import')}
            </MenuItem>
          )}
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}
