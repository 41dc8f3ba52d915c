import type { TestProject } from 'vitest/node'
import { freeAddress, Tandem } from './process'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where Contoso's Tandem is. */
    tandem: string
    /** Where the simulated Microsoft 365 is. */
    microsoft: string
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

/** Opens Contoso once for all stories. */
export default async function (project: TestProject) {
  const { tandem, microsoft } = await openContoso()
  project.provide('tandem', tandem.url)
  project.provide('microsoft', microsoft)
  return () => tandem.stop()
}
