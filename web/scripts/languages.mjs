// Fails when a language lacks a sentence, when a sentence is used nowhere, or
// when a page has words of its own instead of a key.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { base, keysIn, says } from './words.mjs'

const languages = ['en', 'ja', 'pt-BR']
const faults = []

/** A tree of sentences as a flat map of keys. */
function flatten(tree, prefix = '') {
  return Object.entries(tree).flatMap(([name, value]) =>
    typeof value === 'string' ? [[prefix + name, value]] : flatten(value, `${prefix}${name}.`),
  )
}

const sentences = Object.fromEntries(
  languages.map((language) => [
    language,
    new Map(flatten(JSON.parse(readFileSync(`src/i18n/${language}.json`, 'utf8')))),
  ]),
)
const isPlural = (key) => sentences.en.has(`${base(key)}_other`)

/** Every key that a language must have, with the plural forms of its own grammar. */
function wanted(language) {
  const keys = new Set()
  for (const source of languages) {
    for (const key of sentences[source].keys()) {
      // English problems come from the server itself; the other languages translate them by their codes.
      if (language === 'en' && key.startsWith('problem.') && !sentences.en.has(key)) continue
      if (!isPlural(key)) keys.add(key)
      else
        for (const form of new Intl.PluralRules(language).resolvedOptions().pluralCategories)
          keys.add(`${base(key)}_${form}`)
    }
  }
  return keys
}

const placeholders = (sentence) => [...sentence.matchAll(/{{\s*(\w+)/g)].map(([, name]) => name).sort()

for (const language of languages) {
  const has = sentences[language]
  const needs = wanted(language)
  for (const key of needs) if (!has.get(key)?.trim()) faults.push(`${language}: ${key} is missing`)
  for (const key of has.keys()) if (!needs.has(key)) faults.push(`${language}: ${key} is not among the keys of English`)
  for (const [key, sentence] of has) {
    const model = sentences.en.get(key) ?? sentences.en.get(`${base(key)}_other`)
    if (model === undefined || isPlural(key)) continue
    if (placeholders(sentence).join() !== placeholders(model).join())
      faults.push(`${language}: ${key} names other facts than English`)
  }
}

const sources = readdirSync('src', { recursive: true })
  .filter((file) => /\.tsx?$/.test(file) && !/\.(test|d)\.tsx?$/.test(file))
  .map((file) => ({ file, text: readFileSync(join('src', file), 'utf8') }))

// A key counts as used when it, or the fixed beginning of a composed key, stands in the sources.
const used = keysIn(sources.map(({ text }) => text).join('\n'))
for (const section of ['rule', 'evidence', 'sender']) used.starts.add(`${section}.`)
for (const key of sentences.en.keys()) if (!says(used, key)) faults.push(`${key} is used nowhere`)

// Words between tags, or in attributes that people read. Names stay as they are.
const names = new Set(['Tandem', 'Ctrl+Enter'])
for (const { file, text } of sources.filter(({ file }) => file.endsWith('.tsx'))) {
  const withoutComments = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
  const shown = [
    ...withoutComments.matchAll(/<\/?[A-Za-z][^<>{}=]*>\s*([A-Za-z][^<>{}]*?)\s*<\//g),
    ...withoutComments.matchAll(/\b(?:aria-label|title|label|placeholder|alt|hint)="([^"]+)"/g),
  ]
  for (const [, words] of shown) {
    if (/[A-Za-z]{2}/.test(words) && !names.has(words.trim()))
      faults.push(`${file}: "${words.trim()}" is not translated`)
  }
}

if (faults.length > 0) {
  console.error(faults.join('\n'))
  console.error(`${faults.length} faults in the languages`)
  process.exit(1)
}
console.log(`languages: ${sentences.en.size} sentences, each in ${languages.join(', ')}`)
