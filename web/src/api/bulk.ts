import { answerOf, api } from './client'
import { asProblem, Problem } from './problem'
import type { JobResult, JobStatus } from './types'

const ended = (job: JobStatus) => job.status !== 'queued' && job.status !== 'working'

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

/** How bulk work stands; undefined while the server cannot be reached: it goes on with the work when it is back. */
async function ifReached(id: string): Promise<JobStatus | undefined> {
  try {
    return (await answerOf(api.GET('/job_statuses/{id}', { params: { path: { id }, query: { results: 'refused' } } }))).job_status
  } catch (thrown) {
    if (asProblem(thrown).code !== 'server_unreachable') throw thrown
  }
}

/** Waits until bulk work has ended; its results are then the records that were refused. */
export async function bulkEnd(job: JobStatus, onProgress?: (job: JobStatus) => void): Promise<JobStatus> {
  // Short work is over at once; long work need not be asked for often.
  for (let wait = 100; !ended(job); wait = Math.min(wait * 1.5, 1000)) {
    onProgress?.(job)
    await pause(wait)
    job = (await ifReached(job.id)) ?? job
  }
  if (job.status === 'failed') throw new Problem({ code: job.code ?? 'unknown', message: job.message ?? '' })
  return job
}

export const cancelBulk = (id: string) => answerOf(api.POST('/job_statuses/{id}/cancel', { params: { path: { id } } }))

/** Why a record was refused, as a problem that can be shown. */
export const refusal = (result: JobResult) => new Problem({ code: result.code ?? 'unknown', message: result.details ?? '' })
