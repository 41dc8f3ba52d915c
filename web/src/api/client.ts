import { asProblem, readProblem } from './problem'

type QueryValue = string | number | boolean | null | undefined

/** Called when the server says that nobody is signed in. */
let onSignedOut = () => {}

export function whenSignedOut(act: () => void) {
  onSignedOut = act
}

export function apiURL(path: string, query: Record<string, QueryValue> = {}): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return `/api/v2${path}${text ? `?${text}` : ''}`
}

async function request<T>(method: string, url: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let answer: Response
  try {
    answer = await fetch(url, {
      method,
      signal,
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
  } catch (thrown) {
    if (thrown instanceof DOMException && thrown.name === 'AbortError') throw thrown
    throw asProblem(thrown)
  }
  const text = await answer.text()
  const parsed = parse(text)
  if (answer.ok) return parsed as T
  const problem = readProblem(answer.status, parsed, answer.headers.get('X-Request-Id') ?? '')
  if (answer.status === 401 && !url.startsWith('/api/v2/session')) onSignedOut()
  throw problem
}

function parse(text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

export const get = <T>(path: string, query?: Record<string, QueryValue>, signal?: AbortSignal) =>
  request<T>('GET', apiURL(path, query), undefined, signal)
export const post = <T = void>(path: string, body: unknown = {}) => request<T>('POST', apiURL(path), body)
export const put = <T = void>(path: string, body: unknown = {}) => request<T>('PUT', apiURL(path), body)
export const del = (path: string) => request<void>('DELETE', apiURL(path))
