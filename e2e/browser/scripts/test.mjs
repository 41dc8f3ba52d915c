// Looks for Chromium before the tests. Without it they cannot run: that is an
// error where they must run (CI=true or TANDEM_REQUIRE_CHROMIUM=1), and a loud
// word elsewhere.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { executable } from './chromium.mjs'

const required = process.env.CI === 'true' || process.env.TANDEM_REQUIRE_CHROMIUM === '1'
const rest = process.argv.slice(2)

if (!existsSync(executable)) {
  const line = '*'.repeat(72)
  console.error(`
${line}
  MISSING: chromium (looked for ${executable})
  Install with:  sudo apt-get install -y chromium-headless-shell fonts-noto-cjk
  or name another with TANDEM_CHROMIUM.
  The tests in the browser were ${required ? 'REQUIRED, so this run FAILS' : 'LEFT OUT of this run'}.
${line}
`)
  process.exit(required ? 1 : 0)
}
process.exit(spawnSync('vitest', ['run', ...rest], { stdio: 'inherit' }).status ?? 1)
