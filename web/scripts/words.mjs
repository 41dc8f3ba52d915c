// Gives every part of the application its own words. A sentence is loaded with the
// module that says it: with the beginning, or with whatever `import('./Page')`
// loads later. What translates the server's own sentences comes right after the
// beginning: until then they are English.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const beginning = 'src/main.tsx'
const languages = ['en', 'ja', 'pt-BR']

/** Sections of which the server names the keys. */
export const fromServer = ['problem', 'rule', 'evidence', 'sender', 'cause']

const pluralSuffix = /_(zero|one|two|few|many|other)$/
export const base = (key) => key.replace(pluralSuffix, '')

/** The keys, and the fixed beginnings of composed keys, that stand in a source. */
export function keysIn(source) {
  const literal = [...source.matchAll(/['`]([a-z_]+(?:\.[a-zA-Z0-9_-]+)+)['`]/g)].map(([, key]) => key)
  const starts = [...source.matchAll(/`((?:[a-z_]+\.)+[a-z_]*)\$\{/g)].map(([, start]) => start)
  return { literal: new Set(literal), starts: new Set(starts) }
}

export const says = ({ literal, starts }, key) =>
  literal.has(key) || literal.has(base(key)) || [...starts].some((start) => key.startsWith(start))

/** A tree of sentences with those alone that are wanted. */
function pick(tree, wanted, prefix = '') {
  const entries = Object.entries(tree).flatMap(([name, value]) => {
    if (typeof value === 'string') return wanted(prefix + name) ? [[name, value]] : []
    const inner = pick(value, wanted, `${prefix}${name}.`)
    return inner ? [[name, inner]] : []
  })
  return entries.length > 0 ? Object.fromEntries(entries) : undefined
}

function fileOf(from, specifier) {
  const path = resolve(dirname(from), specifier)
  return [path, `${path}.ts`, `${path}.tsx`, `${path}/index.ts`].find((file) => existsSync(file) && statSync(file).isFile())
}

/** What a module and all that it imports at once says. */
function keysFrom(module) {
  const seen = new Set()
  const found = { literal: new Set(), starts: new Set() }
  const walk = (file) => {
    if (!file || seen.has(file) || file.endsWith('.json')) return
    seen.add(file)
    const source = readFileSync(file, 'utf8')
    const { literal, starts } = keysIn(source)
    literal.forEach((key) => found.literal.add(key))
    starts.forEach((start) => found.starts.add(start))
    for (const [, specifier] of source.matchAll(/(?:from|import)\s+'(\.[^']+)'/g)) walk(fileOf(file, specifier))
  }
  walk(resolve(module))
  return found
}

const laterImport = /import\('(\.[^']+)'\)/g
const nameOf = (file) => relative(resolve('src'), file).replace(/\.tsx?$/, '')

/**
 * Vite's plugin. `xx.json?first` holds the words of the beginning, `xx.json?server`
 * those for the server's sentences, and `xx.json?with=desk/TicketPage` what that page
 * says beyond the beginning. Each `import('./TicketPage')` waits for its words too.
 */
export function splitWords() {
  let first
  const sentences = (language) => JSON.parse(readFileSync(`src/i18n/${language}.json`, 'utf8'))
  const ofServer = (key) => fromServer.includes(key.split('.')[0])
  const ofFirst = (key) => !ofServer(key) && says((first ??= keysFrom(beginning)), key)
  const ofPage = (page) => {
    const keys = keysFrom(fileOf('src/x', `./${page}`))
    return (key) => !ofServer(key) && !ofFirst(key) && says(keys, key)
  }
  return {
    name: 'split-words',
    enforce: 'pre',
    buildStart() {
      first = undefined
    },
    load(id) {
      const [, language, part, page] = /\/i18n\/([\w-]+)\.json\?(first|server|with)(?:=(.+))?$/.exec(id) ?? []
      if (!part) return undefined
      const wanted = { first: ofFirst, server: ofServer, with: page && ofPage(page) }[part]
      return { code: `export default ${JSON.stringify(pick(sentences(language), wanted) ?? {})}`, moduleType: 'js' }
    },
    transform(code, id) {
      if (!id.startsWith(resolve('src')) || !code.includes("import('.")) return undefined
      const i18n = `./${relative(dirname(id), resolve('src/i18n'))}`
      const withWords = code.replace(laterImport, (load, specifier) => {
        const file = fileOf(id, specifier)
        if (!file || !pick(sentences('en'), ofPage(nameOf(file)))) return load
        const words = languages.map((l) => `'${l}': () => import('${i18n}/${l}.json?with=${nameOf(file)}')`)
        return `withWords('${nameOf(file)}', { ${words.join(', ')} }, () => ${load})`
      })
      return { code: `${withWords}\nimport { withWords } from '${join(i18n, 'index.ts').replace(/^(?!\.)/, './')}'`, map: null }
    },
  }
}
