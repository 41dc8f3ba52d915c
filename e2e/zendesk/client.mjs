// node-zendesk as it comes from npm, signed in to a running Tandem, and what walks have in common.
import zendesk from 'node-zendesk'

export const root = `${process.env.TANDEM_URL}/api/v2`
const { ZENDESK_USER: username, ZENDESK_TOKEN: token } = process.env

export const client = zendesk.createClient({ username, token, endpointUri: root })

/** What stands in an answer: the client wraps some of them, and unwraps some. */
export function of(answer, name) {
  const result = answer?.result ?? answer
  return name && result?.[name] !== undefined ? result[name] : result
}

/** A list out of an answer, whose pages the client has put together, unwrapped or not. */
export const listOf = (answer, name) => [answer?.result ?? answer].flat().flatMap((page) => page?.[name] ?? page)

/** Who asks, as the client says it. */
export const authorization = { Authorization: `Basic ${Buffer.from(`${username}/token:${token}`).toString('base64')}` }

/** For what the client has no method for: as it would send it. */
export async function send(method, path, body, headers = {}) {
  const response = await fetch(root + path, {
    method,
    headers: {
      ...authorization,
      ...(body && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    body: body && JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, body: text && JSON.parse(text) }
}

/** Asks until the answer satisfies, for work in the background. */
export async function until(ask, done) {
  for (let i = 0; ; i++) {
    const answer = await ask()
    if (done(answer)) return answer
    if (i === 200) throw new Error(`still ${JSON.stringify(answer)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** The end of a job that was begun. */
export const ended = async (begun) =>
  until(
    async () => of(await client.jobstatuses.show(of(begun, 'job_status').id), 'job_status'),
    ({ status }) => status === 'completed',
  )

const failed = []

/** One step of a walk. All are walked, so that one run tells everything that is wrong. */
export async function step(name, walk) {
  try {
    return await walk()
  } catch (thrown) {
    failed.push(`${name}: ${thrown.stack} ${JSON.stringify(thrown.result ?? '')}`)
  }
}

export function finish() {
  if (failed.length === 0) return console.log('walked')
  console.error(failed.join('\n\n'))
  process.exitCode = 1
}
