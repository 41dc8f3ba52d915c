// Divides a language into three parts. The workspace needs the sections whose
// keys stand in a module that can be reached from the application's beginning
// without entering the admin centre. What translates the server's own sentences
// comes right after it: until then they are English. The rest is loaded with the
// admin centre.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'

const beginning = 'src/main.tsx'
const routes = 'src/routes.tsx'
const adminFrame = 'src/shell/AdminFrame.tsx'

const fromServer = new Set(['problem', 'rule', 'evidence', 'sender', 'cause'])

const read = (file) => readFileSync(file, 'utf8')

function fileOf(from, specifier) {
  const base = resolve(dirname(from), specifier)
  const found = [base, `${base}.ts`, `${base}.tsx`, `${base}/index.ts`].find((file) => existsSync(file) && statSync(file).isFile())
  return found && !found.endsWith('.json') ? found : undefined
}

const importsOf = (file) =>
  [...read(file).matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, specifier]) => fileOf(file, specifier))

/** The pages below /admin, as routes.tsx names them. */
function adminPages() {
  const text = read(routes)
  const from = text.indexOf('path="/admin"')
  const block = text.slice(from, text.indexOf('</Route>', from))
  const names = new Set([...block.matchAll(/<(\w+) \/>/g)].map(([, name]) => name))
  return [...text.matchAll(/const (\w+) = page\(\(\) => import\('([^']+)'\)/g)]
    .filter(([, name]) => names.has(name))
    .map(([, , specifier]) => fileOf(routes, specifier))
}

/** The names of the sections that the workspace needs. */
export function workspaceSections() {
  const seen = new Set([resolve(adminFrame), ...adminPages()])
  const used = new Set()
  const walk = (file) => {
    if (!file || seen.has(file)) return
    seen.add(file)
    for (const [, section] of read(file).matchAll(/['`]([a-z_]+)\./g)) used.add(section)
    importsOf(file).forEach(walk)
  }
  walk(resolve(beginning))
  return used
}

/** Vite's plugin for `xx.json?workspace`, `xx.json?server` and `xx.json?admin`. */
export function splitLanguages() {
  let needed
  return {
    name: 'split-languages',
    buildStart() {
      needed = undefined
    },
    load(id) {
      const [, file, part] = /^(.+\/i18n\/[\w-]+\.json)\?(workspace|server|admin)$/.exec(id) ?? []
      if (!file) return undefined
      needed ??= workspaceSections()
      const words = Object.entries(JSON.parse(read(file)))
      const partOf = (section) => (fromServer.has(section) ? 'server' : needed.has(section) ? 'workspace' : 'admin')
      const chosen = words.filter(([section]) => partOf(section) === part)
      return { code: `export default ${JSON.stringify(Object.fromEntries(chosen))}`, moduleType: 'js' }
    },
  }
}
