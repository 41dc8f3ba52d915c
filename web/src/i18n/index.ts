import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'

export const languages = ['en', 'ja', 'pt-BR'] as const
export type Language = (typeof languages)[number]

/** Each language in its own words, for the menu. */
export const languageNames: Record<Language, string> = { en: 'English', ja: '日本語', 'pt-BR': 'Português (Brasil)' }

type Words = Promise<{ default: object }>

const workspace: Record<Language, () => Words> = {
  en: () => import('./en.json?workspace'),
  ja: () => import('./ja.json?workspace'),
  'pt-BR': () => import('./pt-BR.json?workspace'),
}

// What the server says in English is translated as soon as the words are there.
const server: Record<Language, () => Words> = {
  en: () => import('./en.json?server'),
  ja: () => import('./ja.json?server'),
  'pt-BR': () => import('./pt-BR.json?server'),
}

// What only the admin centre says is loaded with it.
const admin: Record<Language, () => Words> = {
  en: () => import('./en.json?admin'),
  ja: () => import('./ja.json?admin'),
  'pt-BR': () => import('./pt-BR.json?admin'),
}
let inAdmin = false

const remembered = 'tandem.language'

/** The language among ours that fits a list of wishes best. */
export function bestLanguage(wishes: readonly string[]): Language {
  for (const wish of wishes) {
    const exact = languages.find((l) => l.toLowerCase() === wish.toLowerCase())
    const near = languages.find((l) => l.split('-')[0] === wish.toLowerCase().split('-')[0])
    if (exact ?? near) return (exact ?? near)!
  }
  return 'en'
}

/** Loads the language that this browser used last, or that it prefers. */
export async function startLanguages(): Promise<void> {
  const wish = localStorage.getItem(remembered)
  await i18next.use(initReactI18next).init({
    lng: 'en',
    fallbackLng: false,
    resources: {},
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
    react: { bindI18nStore: 'added' },
  })
  await useLanguageNow(bestLanguage(wish ? [wish] : navigator.languages))
}

/** Switches every page to the language, and remembers it in this browser. */
export async function useLanguageNow(language: Language): Promise<void> {
  await Promise.all([addWords(language, workspace), inAdmin && addWords(language, admin)])
  addWords(language, server).catch(() => undefined) // out of reach: they stay English
  await i18next.changeLanguage(language)
  localStorage.setItem(remembered, language)
  document.documentElement.lang = language
}

/** Loads what the admin centre says, in the language in use and in those chosen later. */
export async function startAdminLanguage(): Promise<void> {
  inAdmin = true
  await addWords(bestLanguage([i18next.language]), admin)
}

async function addWords(language: Language, part: Record<Language, () => Words>): Promise<void> {
  const words = await part[language]()
  i18next.addResourceBundle(language, 'translation', words.default, true)
}
