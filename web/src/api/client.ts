import createClient from 'openapi-fetch'
import { readProblem } from './problem'
import type { paths } from './schema'

const apiBase = '/api/v2'

type QueryValue = string | number | boolean | null | undefined | readonly (string | number)[]

/** A query as the API reads it: lists by commas, or repeated where the name says so ("role[]"). */
export function writeQuery(query: Record<string, QueryValue>): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || String(value) === '') continue
    if (Array.isArray(value) && name.endsWith('[]')) value.forEach((one) => search.append(name, String(one)))
    else search.set(name, String(value))
  }
  return search.toString()
}

/** The API; every path, parameter and body is checked against its own description. */
export const api = createClient<paths>({
  baseUrl: apiBase,
  querySerializer: (query) => writeQuery(query as Record<string, QueryValue>),
})

/** An address of the API for what the browser itself loads: frames, sources, the event stream. */
export function apiURL(path: string, query: Record<string, QueryValue> = {}): string {
  const text = writeQuery(query)
  return apiBase + path + (text ? `?${text}` : '')
}

/** Called when the server says that nobody is signed in. */
let onSignedOut = () => {}

export function whenSignedOut(act: () => void) {
  onSignedOut = act
}

/** What was asked for; throws a Problem when the API refuses. */
export async function answerOf<T>(asked: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await asked
  if (response.ok) return data as T
  if (response.url.includes(`${apiBase}/session`)) throw readProblem(response.status, error, requestId(response))
  throw refusal(response.status, error, requestId(response))
}

const requestId = (response: Response) => response.headers.get('X-Request-Id') ?? ''

/** The Problem of an answer that refuses; who is not signed in any more is led to the sign-in. */
export function refusal(status: number, body: unknown, requestId: string) {
  if (status === 401) onSignedOut()
  return readProblem(status, body, requestId)
}

/** Asks the API for what its description cannot say: files, and requests that outlive their page. Throws a Problem when it refuses. */
export async function ask(address: string, init: RequestInit): Promise<Response> {
  const response = await fetch(address, init)
  if (!response.ok) throw refusal(response.status, await response.json().catch(() => undefined), requestId(response))
  return response
}
