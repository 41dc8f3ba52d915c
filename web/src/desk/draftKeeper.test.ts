import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Problem } from '../api/problem'
import type { SavedDraft } from '../api/types'
import { emptyDraft, type Draft } from './draft'
import { DraftKeeper, type Backup, type DraftServer } from './draftKeeper'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A server that keeps one draft, as the real one does. */
class Server implements DraftServer {
  kept = saved('', null)
  saves = 0
  down = false
  private clock = 0

  async read() {
    if (this.down) throw new TypeError('no network')
    return this.kept
  }
  async save(draft: Draft, stamp: string | null) {
    if (this.down) throw new TypeError('no network')
    if (stamp !== this.kept.updated_stamp) throw new Problem({ status: 409, code: 'draft_changed', message: '' })
    this.saves++
    return this.put(draft.reply.html)
  }
  /** What another window does. */
  put(html: string) {
    return (this.kept = saved(html, html && `t${++this.clock}`))
  }
}

const saved = (html: string, stamp: string | null): SavedDraft => ({
  ticket_id: 7,
  mode: 'reply',
  reply: { html_body: html, uploads: [] },
  note: { html_body: '', uploads: [] },
  email_ccs: null,
  subject: '',
  requester: '',
  updated_stamp: stamp || null,
})

/** A browser's storage for one draft. */
function storage(): Backup & { kept?: string } {
  return {
    read() {
      return this.kept ? JSON.parse(this.kept) : undefined
    },
    write(unsaved) {
      this.kept = JSON.stringify(unsaved)
    },
    clear() {
      this.kept = undefined
    },
  }
}

async function open(server = new Server(), backup = storage()) {
  const keeper = new DraftKeeper(server, backup)
  await keeper.refresh()
  return { server, backup, keeper, shown: () => keeper.current().draft.reply.html, type: typing(keeper) }
}
const typing = (keeper: DraftKeeper) => (html: string) =>
  keeper.change((old) => ({ ...old, reply: { ...old.reply, html } }))

test('what is written is saved once, a second after the last key', async () => {
  const { server, type, backup } = await open()
  type('<p>H</p>')
  await vi.advanceTimersByTimeAsync(900)
  type('<p>Hi</p>')
  await vi.advanceTimersByTimeAsync(900)
  expect(server.saves).toBe(0)
  expect(backup.kept).toContain('Hi')
  await vi.advanceTimersByTimeAsync(200)
  expect([server.saves, server.kept.reply.html_body, backup.kept]).toEqual([1, '<p>Hi</p>', undefined])
})

test('another window is followed as long as nothing here is unsaved', async () => {
  const { server, keeper, shown } = await open()
  server.put('<p>from home</p>')
  await keeper.refresh()
  expect(shown()).toBe('<p>from home</p>')
  expect(keeper.current().edition).toBe(1)
})

test('neither of two texts is lost: the writer chooses', async () => {
  const { server, keeper, shown, type } = await open()
  type('<p>mine</p>')
  server.put('<p>theirs</p>')
  await keeper.flush()
  expect([shown(), server.kept.reply.html_body]).toEqual(['<p>mine</p>', '<p>theirs</p>'])
  expect(keeper.current().rival?.reply.html).toBe('<p>theirs</p>')
  type('<p>mine, longer</p>')
  await vi.advanceTimersByTimeAsync(10_000)
  expect(server.kept.reply.html_body).toBe('<p>theirs</p>')
  await keeper.keepMine()
  expect([server.kept.reply.html_body, keeper.current().rival]).toEqual(['<p>mine, longer</p>', undefined])
})

test('the other text can be taken instead', async () => {
  const { server, keeper, shown, type } = await open()
  type('<p>mine</p>')
  server.put('<p>theirs</p>')
  await keeper.flush()
  keeper.takeRival()
  expect([shown(), keeper.current().rival]).toEqual(['<p>theirs</p>', undefined])
  type('<p>theirs, continued</p>')
  await keeper.flush()
  expect(server.kept.reply.html_body).toBe('<p>theirs, continued</p>')
})

test('while the server is away the text stays, and is saved when it is back', async () => {
  const { server, keeper, shown, type } = await open()
  server.down = true
  type('<p>in the tunnel</p>')
  await keeper.flush()
  expect(keeper.current().trouble).toBeDefined()
  expect(shown()).toBe('<p>in the tunnel</p>')
  server.down = false
  await vi.advanceTimersByTimeAsync(5000)
  expect([server.kept.reply.html_body, keeper.current().trouble]).toEqual(['<p>in the tunnel</p>', undefined])
})

test('a browser that crashed before saving goes on where it was', async () => {
  const { server, backup, type } = await open()
  type('<p>almost lost</p>')
  const again = await open(server, backup)
  expect(again.shown()).toBe('<p>almost lost</p>')
  expect(server.kept.reply.html_body).toBe('<p>almost lost</p>')
})

test('what a crashed browser had does not overwrite what was written since', async () => {
  const { server, backup, type } = await open()
  type('<p>old</p>')
  server.put('<p>newer</p>')
  const again = await open(server, backup)
  expect(again.keeper.current().rival?.reply.html).toBe('<p>newer</p>')
  expect(server.kept.reply.html_body).toBe('<p>newer</p>')
})

test('a sent reply is gone, and what is typed meanwhile is no conflict', async () => {
  const { server, keeper, shown, type } = await open()
  type('<p>sent</p>')
  await keeper.flush()
  server.put('') // the server takes it out of the draft together with sending it
  const done = keeper.sent('reply')
  expect(shown()).toBe('')
  type('<p>next</p>')
  await done
  await keeper.flush()
  expect([keeper.current().rival, server.kept.reply.html_body]).toEqual([undefined, '<p>next</p>'])
})

test('a reply that was taken back is shown again', async () => {
  const { server, keeper, shown, type } = await open()
  type('<p>too quick</p>')
  await keeper.flush()
  server.put('')
  await keeper.sent('reply')
  server.put('<p>too quick</p>')
  await keeper.refresh()
  expect(shown()).toBe('<p>too quick</p>')
  expect(keeper.current().draft.mode).toBe(emptyDraft.mode)
})
