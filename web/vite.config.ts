import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { splitWords } from './scripts/words.mjs'

// The server that `npm run dev` talks to: a `tandem demo` or `tandem serve` on its usual port.
const server = process.env.TANDEM_SERVER ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react(), splitWords()],
  server: {
    host: '127.0.0.1',
    proxy: Object.fromEntries(['/api', '/attachments', '/microsoft'].map((path) => [path, server])),
  },
  build: {
    target: 'es2023',
    manifest: true,
    // scripts/size.mjs has the limit that counts: what a first visit loads, compressed.
    chunkSizeWarningLimit: 1200,
    // Left alone, the bundler makes a file of each module that several pages share, and a page waits for a
    // hundred of them. What the beginning needs is one file, and so is what most pages need beyond it.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'beginning', tags: ['$initial'], test: /^(?!.*(src.main\.tsx|index\.html))/, priority: 3 },
            { name: 'icons', test: /react-icons|src.ui.icons/, priority: 2 },
            // Many pages have a picker, which the beginning can do without.
            { name: 'controls', test: /node_modules(?!.*react-combobox)/, minShareCount: 18, priority: 1 },
            { name: 'parts', test: /src.(ui(?!.Picker)|api|desk.queries)/, minShareCount: 6 },
          ],
        },
      },
    },
  },
  test: {
    // Tests of pages ask for happy-dom by themselves.
    include: ['src/**/*.test.{ts,tsx}'],
  },
})
