// Measures what the first visit to the workspace loads, compressed, and fails
// above the budget: the entry, the ticket list and the largest language. The
// editor, which comes after the first ticket, has a budget of its own.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const budget = 280_000
const firstVisit = ['index.html', 'src/desk/TicketList.tsx']
const next = 'src/desk/TicketPage.tsx'
const editor = 'src/desk/editor/Editor.tsx'
const editorBudget = 180_000
const words = (language) => [`src/i18n/${language}.json?first`, `src/i18n/${language}.json?with=desk/TicketList`]

const manifest = JSON.parse(readFileSync('dist/.vite/manifest.json', 'utf8'))

/** The files of a module and of all that it imports at once. */
function filesOf(module, seen = new Set()) {
  const chunk = manifest[module]
  if (!chunk) throw new Error(`${module} is not in the manifest`)
  if (seen.has(chunk.file)) return seen
  seen.add(chunk.file)
  for (const style of chunk.css ?? []) seen.add(style)
  for (const imported of chunk.imports ?? []) filesOf(imported, seen)
  return seen
}

const compressed = (file) => gzipSync(readFileSync(`dist/${file}`)).length
const total = (files) => [...files].reduce((sum, file) => sum + compressed(file), 0)

const needed = new Set(firstVisit.flatMap((module) => [...filesOf(module)]))
const language = Math.max(...['en', 'ja', 'pt-BR'].map((name) => total(words(name).flatMap((part) => [...filesOf(part)]))))
const size = total(needed) + language

const ticket = filesOf(next)
const more = total([...ticket].filter((file) => !needed.has(file)))
const writing = total([...filesOf(editor)].filter((file) => !needed.has(file) && !ticket.has(file)))

const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`
console.log(`first visit: ${kB(size)} compressed, budget ${kB(budget)}; opening a ticket adds ${kB(more)}, its editor ${kB(writing)} (budget ${kB(editorBudget)})`)
if (writing > editorBudget) process.exitCode = 1
if (size > budget) {
  for (const file of [...needed].sort((a, b) => compressed(b) - compressed(a)).slice(0, 10)) {
    console.log(`  ${kB(compressed(file))}  ${file}`)
  }
  process.exit(1)
}
