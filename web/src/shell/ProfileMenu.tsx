import {
  Button,
  Menu,
  MenuDivider,
  MenuGroup,
  MenuGroupHeader,
  MenuItem,
  MenuItemLink,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
} from '@fluentui/react-components'
import { useTranslation } from 'react-i18next'
import { useHref, useNavigate } from 'react-router'
import { languageNames, languages, useLanguageNow, type Language } from '../i18n'
import { useMe, useSaveMe, useSigning } from '../session/queries'
import { Face } from '../ui/Face'
import { KeyboardIcon, PersonIcon, SignOutIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { chooseTheme, themeChoices, useThemeChoice, type ThemeChoice } from '../ui/theme'

/** One's own profile, the language and the look of the pages, and the way out. It begins open: a first press loads it. */
export function ProfileMenu({ onShortcuts }: { onShortcuts: () => void }) {
  const { t, i18n } = useTranslation()
  const me = useMe()
  const saveMe = useSaveMe()
  const { signOut } = useSigning()
  const notify = useNotify()
  const theme = useThemeChoice()
  const navigate = useNavigate()
  const profile = useHref('/profile')

  const chooseLanguage = async (language: Language) => {
    await useLanguageNow(language)
    await saveMe({ locale: language }).catch(notify.failed)
  }

  return (
    <Menu
      defaultOpen
      checkedValues={{ language: [i18n.language], theme: [theme] }}
      onCheckedValueChange={(_, { name, checkedItems }) => {
        if (name === 'language') void chooseLanguage(checkedItems[0] as Language)
        if (name === 'theme') chooseTheme(checkedItems[0] as ThemeChoice)
      }}
    >
      <MenuTrigger disableButtonEnhancement>
        <Button
          appearance="transparent"
          aria-label={t('profile.menu', { name: me.name })}
          icon={<Face name={me.name} />}
        />
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          <MenuItemLink
            icon={<PersonIcon />}
            href={profile}
            onClick={(event) => {
              event.preventDefault()
              void navigate('/profile')
            }}
          >
            {me.name}
          </MenuItemLink>
          <MenuItem icon={<KeyboardIcon />} onClick={onShortcuts}>
            {t('shortcuts.title')}
          </MenuItem>
          <MenuDivider />
          <MenuGroup>
            <MenuGroupHeader>{t('profile.language')}</MenuGroupHeader>
            {languages.map((language) => (
              <MenuItemRadio key={language} name="language" value={language} lang={language}>
                {languageNames[language]}
              </MenuItemRadio>
            ))}
          </MenuGroup>
          <MenuDivider />
          <MenuGroup>
            <MenuGroupHeader>{t('profile.theme')}</MenuGroupHeader>
            {themeChoices.map((choice) => (
              <MenuItemRadio key={choice} name="theme" value={choice}>
                {t(`theme.${choice}`)}
              </MenuItemRadio>
            ))}
          </MenuGroup>
          <MenuDivider />
          <MenuItem icon={<SignOutIcon />} onClick={() => void signOut().catch(notify.failed)}>
            {t('profile.sign_out')}
          </MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
  )
}
