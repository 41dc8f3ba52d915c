import { QueryClient, QueryObserver, type QueryKey } from '@tanstack/react-query'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { eventKinds, followEvents, staleCollector, staleKeys } from './live'

describe('staleKeys', () => {
  test('a comment makes its ticket and the lists stale', () => {
    expect(staleKeys({ kind: 'comment.added', id: 7, parent: 42 })).toEqual([['tickets'], ['ticket', 42]])
  })
  test('a connection makes the addresses and the overview stale', () => {
    expect(staleKeys({ kind: 'connection.updated', id: 3 })).toEqual(
      expect.arrayContaining([['addresses'], ['address'], ['overview']]),
    )
  })
  test('every kind that the server sends renews something', () => {
    for (const kind of eventKinds) expect(staleKeys({ kind, id: 1 }), kind).not.toEqual([])
  })
  test('a kind of a newer server is passed over', () => {
    expect(staleKeys({ kind: 'call.started', id: 1 })).toEqual([])
  })
})

describe('staleCollector', () => {
  afterEach(() => vi.useRealTimers())

  test('a burst of events marks each key once', () => {
    vi.useFakeTimers()
    const marked: QueryKey[][] = []
    const collect = staleCollector((keys) => marked.push(keys))
    for (let id = 1; id <= 300; id++) collect({ kind: 'ticket.created', id })
    collect({ kind: 'ticket.updated', id: 5 })
    expect(marked).toEqual([])
    vi.runAllTimers()
    expect(marked).toEqual([[['tickets'], ['ticket', 5]]])
  })

  test('what comes after a burst is marked too', () => {
    vi.useFakeTimers()
    const marked: QueryKey[][] = []
    const collect = staleCollector((keys) => marked.push(keys))
    collect({ kind: 'user.updated', id: 1 })
    vi.runAllTimers()
    collect({ kind: 'job.updated', id: 2 })
    vi.runAllTimers()
    expect(marked).toHaveLength(2)
  })
})

describe('followEvents', () => {
  const sources: { onopen?: () => void; addEventListener(): void; close(): void }[] = []
  beforeEach(() => {
    vi.stubGlobal('EventSource', function EventSource() {
      const source = { addEventListener() {}, close() {} }
      sources.unshift(source)
      return source
    })
  })
  afterEach(() => vi.unstubAllGlobals())

  test('what was loaded before somebody listened is asked for again, once', () => {
    const queries = new QueryClient()
    const isStale = () => queries.getQueryState(['tickets', 'news'])?.isInvalidated
    queries.setQueryData(['tickets', 'news'], 'nothing yet')
    const close = followEvents(queries)
    expect(isStale()).toBe(false)
    sources[0]!.onopen!()
    expect(isStale()).toBe(true)
    queries.setQueryData(['tickets', 'news'], 'assigned')
    sources[0]!.onopen!()
    expect(isStale()).toBe(false)
    close()
  })

  test('a first answer that was on its way when somebody began to listen is asked for again after it', async () => {
    const answers: ((answer: string) => void)[] = []
    const queries = new QueryClient()
    const observer = new QueryObserver(queries, {
      queryKey: ['tickets', 'news'],
      queryFn: () => new Promise<string>((resolve) => answers.push(resolve)),
    })
    const unsubscribe = observer.subscribe(() => {})
    const close = followEvents(queries)
    sources[0]!.onopen!()
    answers[0]!('nothing yet')
    await vi.waitFor(() => expect(answers).toHaveLength(2))
    answers[1]!('assigned')
    await vi.waitFor(() => expect(observer.getCurrentResult().data).toBe('assigned'))
    unsubscribe()
    close()
  })
})
