import { teamsHighContrastTheme, webDarkTheme, webLightTheme, type Theme } from '@fluentui/react-components'
import { useSyncExternalStore } from 'react'

export const themeChoices = ['system', 'light', 'dark', 'contrast'] as const
export type ThemeChoice = (typeof themeChoices)[number]
export type Look = Exclude<ThemeChoice, 'system'>

const remembered = 'tandem.theme'
const dark = matchMedia('(prefers-color-scheme: dark)')
// Windows' contrast themes force their colours; other systems ask for more contrast.
const contrast = matchMedia('(prefers-contrast: more), (forced-colors: active)')
const watchers = new Set<() => void>()

function notify() {
  for (const watcher of watchers) watcher()
}

function watch(watcher: () => void) {
  if (watchers.size === 0) for (const wish of [dark, contrast]) wish.addEventListener('change', notify)
  watchers.add(watcher)
  return () => {
    watchers.delete(watcher)
    if (watchers.size === 0) for (const wish of [dark, contrast]) wish.removeEventListener('change', notify)
  }
}

function choice(): ThemeChoice {
  const stored = localStorage.getItem(remembered)
  return themeChoices.find((c) => c === stored) ?? 'system'
}

function look(): Look {
  const chosen = choice()
  if (chosen !== 'system') return chosen
  if (contrast.matches) return 'contrast'
  return dark.matches ? 'dark' : 'light'
}

export const themes: Record<Look, Theme> = {
  light: webLightTheme,
  dark: webDarkTheme,
  contrast: teamsHighContrastTheme,
}

export function chooseTheme(chosen: ThemeChoice) {
  localStorage.setItem(remembered, chosen)
  notify()
}

export const useThemeChoice = () => useSyncExternalStore(watch, choice)

/** How the pages look now, with the system's wish followed when that was chosen. */
export const useLook = () => useSyncExternalStore(watch, look)
