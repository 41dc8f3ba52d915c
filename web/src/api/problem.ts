import type { Side, Trouble } from './types'

/** What the API answers when something did not work, or what the browser says when the server is not reached. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly side: Side
  readonly remedy: string
  readonly args: Record<string, string>
  readonly reference: string
  readonly fields: Record<string, string>
  /** The codes of what is wrong with the fields. */
  readonly faults: Record<string, string>

  constructor(facts: Partial<Omit<Problem, keyof Error>> & { message: string }) {
    super(facts.message)
    this.name = 'Problem'
    this.status = facts.status ?? 0
    this.code = facts.code ?? 'unknown'
    this.side = facts.side ?? 'tandem'
    this.remedy = facts.remedy ?? ''
    this.args = facts.args ?? {}
    this.reference = facts.reference ?? ''
    this.fields = facts.fields ?? {}
    this.faults = facts.faults ?? {}
  }
}

interface ErrorBody extends Partial<Trouble> {
  error?: string
  description?: string
  reference?: string
  details?: Record<string, { type?: string; description?: string }[]>
}

/** Reads the problem out of an answer that is not a success. */
export function readProblem(status: number, body: unknown, requestID: string): Problem {
  const b = (typeof body === 'object' && body !== null ? body : {}) as ErrorBody
  const fields: Record<string, string> = {}
  const faultCodes: Record<string, string> = {}
  for (const [field, faults] of Object.entries(b.details ?? {})) {
    const sentence = faults[0]?.description
    if (sentence) fields[field] = sentence
    if (faults[0]?.type) faultCodes[field] = faults[0].type
  }
  return new Problem({
    status,
    code: b.code ?? (status >= 502 && status <= 504 ? 'server_unreachable' : 'unknown'),
    message: b.message ?? b.description ?? '',
    side: b.side ?? (status < 500 ? 'yours' : 'tandem'),
    remedy: b.remedy,
    args: b.args,
    reference: b.reference ?? requestID,
    fields,
    faults: faultCodes,
  })
}

/** Makes a problem of anything that was thrown. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown
  // fetch throws a TypeError when no answer came at all.
  if (thrown instanceof TypeError) return new Problem({ code: 'server_unreachable', message: thrown.message })
  return new Problem({ code: 'unknown', message: thrown instanceof Error ? thrown.message : String(thrown) })
}

/** A problem from a trouble that the API keeps at a mail or a connection. */
export function problemOf(trouble: Trouble): Problem {
  return new Problem({ ...trouble })
}
