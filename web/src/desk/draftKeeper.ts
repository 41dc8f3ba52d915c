import { asProblem } from '../api/problem'
import type { SavedDraft } from '../api/types'
import { emptyDraft, emptyText, isEmptyDraft, readSaved, wordsOf, type Draft } from './draft'

/** Where drafts are kept. */
export interface DraftServer {
  read(): Promise<SavedDraft>
  /** Refused with "draft_changed" unless the stamp is that of the draft as it is kept. */
  save(draft: Draft, stamp: string | null, leaving: boolean): Promise<SavedDraft>
}

/** What has not reached the server yet, kept in the browser meanwhile. */
export interface Backup {
  read(): { draft: Draft; stamp: string | null } | undefined
  write(unsaved: { draft: Draft; stamp: string | null }): void
  clear(): void
}

export interface DraftState {
  draft: Draft
  /** Grows when the text was replaced by other hands than the writer's: another window, an undo. */
  edition: number
  /** What another window saved while this one has text of its own. */
  rival?: Draft
  /** Why the text could not be saved; it is tried again by itself. */
  trouble?: unknown
}

const saveAfter = 1000 // milliseconds without a key
const retryAfter = 5000

/**
 * Keeps one draft the same here and on the server. What is written is saved when
 * the keys rest; what another window has saved is taken over as long as nothing
 * here is unsaved, and otherwise put before the writer to choose. Requests go
 * one after the other, so that no answer overtakes another.
 */
export class DraftKeeper {
  private state: DraftState = { draft: emptyDraft, edition: 0 }
  private readonly watchers = new Set<() => void>()
  private stamp: string | null = null
  private base = emptyDraft // what the server has, as far as we know
  private changes = 0
  private savedChanges = 0
  private rivalStamp: string | null = null
  private known = false
  private timer: ReturnType<typeof setTimeout> | undefined
  private line: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly server: DraftServer,
    private readonly backup: Backup,
  ) {
    const unsaved = backup.read()
    if (!unsaved) return
    this.stamp = unsaved.stamp
    this.changes = 1
    this.state = { ...this.state, draft: unsaved.draft }
  }

  readonly watch = (watcher: () => void) => {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }
  readonly current = () => this.state

  /** What the writer does. */
  readonly change = (update: (old: Draft) => Draft) => {
    const draft = update(this.state.draft)
    this.changes++
    this.backup.write({ draft, stamp: this.stamp })
    this.show({ draft })
    this.saveSoon(saveAfter)
  }

  /** What something else than the writer's keys puts into the draft: the editor shows it anew. */
  readonly replace = (update: (old: Draft) => Draft) => {
    this.change(update)
    this.show({ edition: this.state.edition + 1 })
  }

  /** Looks at the server's draft: first of all, and when another window has saved. */
  readonly refresh = () =>
    this.inLine(async () => {
      this.meet(await this.server.read())
      if (this.unsaved && !this.state.rival) await this.save(false)
    })

  /** Saves now what is unsaved. Never fails: what could not be saved is kept here, and state says why. */
  readonly flush = (leaving = false) => {
    clearTimeout(this.timer)
    return this.unsaved ? this.inLine(() => this.save(leaving)) : this.line.then(() => undefined)
  }

  /** Takes out what has become a comment, or the ticket that was opened with it; the server has done the same. */
  readonly sent = (mode: Draft['mode'], opened = false) => {
    const without = (draft: Draft): Draft => ({
      ...draft,
      [mode]: emptyText,
      ccs: mode === 'reply' || opened ? undefined : draft.ccs,
      ...(opened && { subject: '', requester: '' }),
    })
    this.base = without(this.base)
    this.settle({ draft: without(this.state.draft), edition: this.state.edition + 1 })
    return this.refresh().catch(() => undefined) // the next saving finds out
  }

  /** Shows what the other window saved; what was written here goes. */
  readonly takeRival = () => {
    const { rival } = this.state
    if (!rival) return
    this.stamp = this.rivalStamp
    this.base = rival
    this.settle({ draft: rival, edition: this.state.edition + 1 })
  }

  /** Replaces what the other window saved by what is written here. */
  readonly keepMine = () => {
    this.stamp = this.rivalStamp
    this.show({ rival: undefined })
    return this.flush()
  }

  private get unsaved() {
    return this.changes > this.savedChanges
  }

  private async save(leaving: boolean) {
    if (this.state.rival || !this.unsaved) return
    const { draft } = this.state
    const upTo = this.changes
    try {
      const saved = await this.server.save(draft, this.stamp, leaving)
      this.stamp = saved.updated_stamp
      this.base = readSaved(saved)
      this.savedChanges = upTo
      if (!this.unsaved) this.backup.clear()
      if (this.state.trouble) this.show({ trouble: undefined })
    } catch (thrown) {
      await this.refused(thrown)
    }
  }

  private async refused(thrown: unknown) {
    const problem = asProblem(thrown)
    if (problem.code === 'draft_changed') {
      try {
        this.meet(await this.server.read())
        if (this.unsaved && !this.state.rival) this.saveSoon(0)
        return
      } catch {
        // Asked again below.
      }
    }
    this.show({ trouble: thrown })
    if (problem.status === 0 || problem.status >= 500 || problem.code === 'draft_changed') this.saveSoon(retryAfter)
  }

  /** Decides what the server's draft means for the one that is shown. */
  private meet(saved: SavedDraft) {
    const sameStamp = saved.updated_stamp === this.stamp
    if (sameStamp && this.known) return
    this.known = true
    const theirs = readSaved(saved)
    const words = wordsOf(theirs)
    const asShown = words === wordsOf(this.state.draft)
    if (!sameStamp && !asShown && words !== wordsOf(this.base) && this.unsaved && !isEmptyDraft(this.state.draft)) {
      this.rivalStamp = saved.updated_stamp
      return this.show({ rival: theirs })
    }
    const news = words !== wordsOf(this.base)
    this.stamp = saved.updated_stamp
    this.base = theirs
    if (asShown) this.settle({ ...this.state, rival: undefined, trouble: undefined })
    else if (news && !(sameStamp && this.unsaved)) this.settle({ draft: theirs, edition: this.state.edition + 1 })
  }

  /** Shows what the server has: nothing is unsaved any more. */
  private settle(state: DraftState) {
    clearTimeout(this.timer)
    this.savedChanges = this.changes
    this.backup.clear()
    this.state = state
    this.tell()
  }

  private show(part: Partial<DraftState>) {
    this.state = { ...this.state, ...part }
    this.tell()
  }

  private tell() {
    for (const watcher of this.watchers) watcher()
  }

  private saveSoon(milliseconds: number) {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.flush(), milliseconds)
  }

  private inLine<T>(task: () => Promise<T>): Promise<T> {
    const turn = this.line.then(task)
    this.line = turn.catch(() => undefined)
    return turn
  }
}
