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
  },
  test: {
    // Tests of pages ask for happy-dom by themselves.
    include: ['src/**/*.test.{ts,tsx}'],
  },
})
