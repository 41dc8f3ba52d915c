import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['stories/*.test.ts'],
    globalSetup: 'support/world.ts',
    // The stories of a worker are told one after the other, in one browser and one Contoso.
    isolate: false,
    // Chromium, Tandem and the story itself keep two processors busy; with less, steps miss their times.
    maxWorkers: Math.max(1, Math.floor(availableParallelism() / 2)),
    // A safety net, not a measurement: a step that waits in vain says so itself after 10 s.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000, interval: 50 } },
  },
})
