import { useQuery, useQueryClient } from '@tanstack/react-query'
import { answerOf, api, apiURL, ask } from '../api/client'
import { bulkEnd } from '../api/bulk'
import { Problem } from '../api/problem'
import type { CsvImport, CsvImportProblem, JobStatus } from '../api/types'

export type ImportKind = CsvImport['kind']
export type Encoding = CsvImport['encoding']
export type Separator = 'comma' | 'semicolon' | 'tab'

export const encodings: Encoding[] = ['utf-8', 'utf-16', 'shift_jis', 'windows-1252']
export const separators: Separator[] = ['comma', 'semicolon', 'tab']

/** How the reader says that a file is to be read; what is missing, the server finds out. */
export interface Format {
  encoding?: Encoding
  separator?: Separator
}

/** Sends a file; nothing is changed by it. */
export async function sendCsv(kind: ImportKind, file: File, signal?: AbortSignal): Promise<CsvImport> {
  const response = await ask(apiURL(`/${kind}/import.csv`, { filename: file.name }), {
    method: 'POST',
    headers: { 'Content-Type': 'text/csv' },
    body: file,
    signal,
  })
  return ((await response.json()) as { csv_import: CsvImport }).csv_import
}

const keyOf = (token: string, { encoding, separator }: Format) => ['csv_import', token, encoding, separator]

export const useCsvImport = (token: string, format: Format) =>
  useQuery({
    queryKey: keyOf(token, format),
    queryFn: async ({ signal }) =>
      (await answerOf(api.GET('/csv_imports/{token}', { params: { path: { token }, query: format }, signal }))).csv_import,
    enabled: token !== '',
    // Looking at a long file is work; a reader who comes back to the window has not changed it.
    staleTime: Infinity,
    refetchOnWindowFocus: false,
  })

export function useCsvActions() {
  const queries = useQueryClient()
  return {
    /** Sends a file, and remembers what came back. */
    async choose(kind: ImportKind, file: File, signal: AbortSignal): Promise<string> {
      const looked = await sendCsv(kind, file, signal)
      queries.setQueryData(keyOf(looked.token, {}), looked)
      return looked.token
    },
    async start(token: string, format: Format): Promise<JobStatus> {
      const answer = await answerOf(
        api.POST('/csv_imports/{token}/start', { params: { path: { token }, query: format } }),
      )
      return answer.job_status
    },
    /** Waits until the file has been imported; then lists, and what is known of the file, are read anew. */
    async end(id: string, onProgress: (job: JobStatus) => void): Promise<JobStatus> {
      const { job_status } = await answerOf(
        api.GET('/job_statuses/{id}', { params: { path: { id }, query: { results: 'refused' } } }),
      )
      try {
        return await bulkEnd(job_status, onProgress)
      } finally {
        for (const key of ['csv_import', 'people', 'organizations', 'fields']) void queries.invalidateQueries({ queryKey: [key] })
      }
    },
  }
}

/** What is wrong with a line or a file, as it is shown. */
export const asShown = ({ code, message, remedy, args }: CsvImportProblem) => new Problem({ code, message, remedy, args })
