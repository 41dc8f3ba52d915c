// Looks for Chromium before the tests. Without it they cannot run: that is an
// error where they must run (CI=true or TANDEM_REQUIRE_CHROMIUM=1), and a loud
// word elsewhere.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'

const chromium = process.env.TANDEM_CHROMIUM ?? '/usr/bin/chromium'
const required = process.env.CI === 'true' || process.env.TANDEM_REQUIRE_CHROMIUM === '1'
const rest = process.argv.slice(2)

if (!existsSync(chromium)) {
  const line = '*'.repeat(72)
  console.error(`
${line}
  MISSING: chromium (looked for ${chromium})
  Install with:  sudo apt-get install -y chromium fonts-noto-cjk
  or name another with TANDEM_CHROMIUM.
  The tests in the browser were ${required ? 'REQUIRED, so this run FAILS' : 'LEFT OUT of this run'}.
${line}
`)
  process.exit(required ? 1 : 0)
}
// All stories together are told by two narrators at once, each in a Contoso and a
// browser of its own: much of a story is waiting.
const parts = rest.length > 0 ? [rest] : [['--shard=1/2'], ['--shard=2/2']]
const ends = await Promise.all(parts.map((part) => once(spawn('vitest', ['run', ...part], { stdio: 'inherit' }), 'exit')))
process.exit(ends.every(([code]) => code === 0) ? 0 : 1)
