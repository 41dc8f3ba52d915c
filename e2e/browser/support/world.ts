import type { TestProject } from 'vitest/node'
import { freeAddress, Tandem } from './process'

/** A Tandem with Contoso's mail, and its simulated Microsoft 365. */
export interface Contoso {
  tandem: string
  microsoft: string
}

declare module 'vitest' {
  interface ProvidedContext {
    /** One for each worker, see support/contoso.ts. */
    contosos: Contoso[]
  }
}

/** Opens a Contoso with a simulated Microsoft 365 of its own. */
export async function openContoso(): Promise<{ tandem: Tandem; microsoft: string }> {
  const microsoft = await freeAddress()
  const tandem = await Tandem.start('demo', /Contoso is open\./, {
    quiet: '',
    'sim-http': microsoft,
    'sim-smtp': await freeAddress(),
    smtp: await freeAddress(),
  })
  return { tandem, microsoft: `http://${microsoft}` }
}

/** Opens a Contoso for each worker, once for all its stories. */
export default async function (project: TestProject) {
  const opened = await Promise.all(Array.from({ length: project.config.maxWorkers }, openContoso))
  project.provide('contosos', opened.map(({ tandem, microsoft }) => ({ tandem: tandem.url, microsoft })))
  return () => Promise.all(opened.map(({ tandem }) => tandem.stop()))
}
