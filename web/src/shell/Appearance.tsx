import { FluentProvider, makeStaticStyles } from '@fluentui/react-components'
import { useEffect, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { themes, useLook } from '../ui/theme'
import { touchTargets } from '../ui/touch'

const useStaticStyles = makeStaticStyles([
  {
    body: { margin: 0 },
    'h1, h2, h3': { margin: 0 },
    // Japanese breaks between phrases where the browser can tell them apart.
    ':lang(ja)': { wordBreak: 'auto-phrase' },
    // A long name of a team or a field keeps to the room there is, instead of widening the form.
    '.fui-Select': { minWidth: 0, maxWidth: '100%' },
    '.fui-Select__select': { minWidth: 0, textOverflow: 'ellipsis' },
    '.fui-Field': { minWidth: 0 },
    '.fui-Field > *': { minWidth: 0, overflowWrap: 'anywhere' },
    '.fui-Radio, .fui-Checkbox': { maxWidth: '100%' },
    '.fui-Radio__label, .fui-Checkbox__label': { minWidth: 0, overflowWrap: 'anywhere' },
  },
  touchTargets,
])

/** Fluent's tokens in the look that was chosen. */
export function Appearance({ children }: { children: ReactNode }) {
  useStaticStyles()
  const look = useLook()
  const { i18n } = useTranslation()
  useEffect(() => {
    document.documentElement.style.colorScheme = look === 'light' ? 'light' : 'dark'
  }, [look])
  return (
    <FluentProvider theme={themes[look]} lang={i18n.language}>
      {children}
    </FluentProvider>
  )
}
