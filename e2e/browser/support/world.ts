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

/** Opens Contoso once for all stories. */
export default async function (project: TestProject) {
  const microsoft = await freeAddress()
  const contoso = await Tandem.start('demo', /Contoso is open\./, {
    quiet: '',
    'sim-http': microsoft,
    'sim-smtp': await freeAddress(),
    smtp: await freeAddress(),
  })
  project.provide('tandem', contoso.url)
  project.provide('microsoft', `http://${microsoft}`)
  return () => contoso.stop()
}
