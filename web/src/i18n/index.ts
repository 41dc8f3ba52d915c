import i18next from 'i18next'
import { initReactI18next } from 'react-i18next'

export const languages = ['en', 'ja', 'pt-BR'] as const
export type Language = (typeof languages)[number]

/** Each language in its own words, for the menu. */
export const languageNames: Record<Language, string> = { en: 'English', ja: '日本語', 'pt-BR': 'Português (Brasil)' }

type Words = Record<Language, () => Promise<{ default: object }>>

const first: Words = {
  en: () => import('./en.json?first'),
  ja: () => import('./ja.json?first'),
  'pt-BR': () => import('./pt-BR.json?first'),
}

// What the server says in English is translated as soon as the words are there.
const server: Words = {
  en: () => import('./en.json?server'),
  ja: () => import('./ja.json?server'),
  'pt-BR': () => import('./pt-BR.json?server'),
}

// The parts of the application that have been loaded, and the language that is chosen.
const parts = new Map<string, Words>([['first', first]])
let chosen: Language = 'en'

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
  chosen = language
  await Promise.all([...parts.values()].map((words) => addWords(language, words)))
  if (chosen !== language) return // another was chosen meanwhile
  addWords(language, server).catch(() => undefined) // out of reach: they stay English
  await i18next.changeLanguage(language)
  localStorage.setItem(remembered, language)
  document.documentElement.lang = language
}

/**
 * Loads a part of the application together with what it says; scripts/words.mjs puts this around every
 * `import('./Page')`. The part comes in the language shown now, and in the one that was chosen meanwhile.
 */
export async function withWords<Part>(name: string, words: Words, load: () => Promise<Part>): Promise<Part> {
  parts.set(name, words)
  const shown = bestLanguage([i18next.language])
  const [part] = await Promise.all([load(), addWords(shown, words), chosen !== shown && addWords(chosen, words)])
  return part
}

async function addWords(language: Language, words: Words): Promise<void> {
  const loaded = await words[language]()
  i18next.addResourceBundle(language, 'translation', loaded.default, true)
}
