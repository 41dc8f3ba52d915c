import { inject } from 'vitest'

/** The Contoso of this worker: stories that are told at the same time do not meet. */
export const contoso = inject('contosos')[Number(process.env.VITEST_POOL_ID) - 1]!
