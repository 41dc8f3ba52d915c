import { useSyncExternalStore } from 'react'
import { Problem } from '../api/problem'
import type { Upload } from '../api/types'
import { sendFile } from './uploads'

// As desk.MaxPicture has it; the server judges.
const pictureMegabytes = 10
const pictureTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']

export const isPicture = (file: File) => pictureTypes.includes(file.type)

/** A picture that was put into the text: on its way to the server, there, or stopped by a problem. */
export interface Picture {
  key: string
  name: string
  share: number
  /** Shows it while it is on its way. */
  preview?: string
  upload?: Upload
  problem?: unknown
}

/** The pictures that are on their way into one text, by their keys. */
export class Pictures {
  private readonly all = new Map<string, Picture>()
  private readonly sources = new Map<string, () => Promise<File>>()
  private readonly stops = new Map<string, () => void>()
  private readonly watchers = new Set<() => void>()

  constructor(
    /** Called when a picture is on the server. */
    private readonly onThere: (key: string, upload: Upload) => void,
    private readonly send = sendFile,
  ) {}

  readonly watch = (watcher: () => void) => {
    this.watchers.add(watcher)
    return () => this.watchers.delete(watcher)
  }
  readonly of = (key: string | null) => (key === null ? undefined : this.all.get(key))

  /** Sends a picture and gives the key under which the text knows it meanwhile. */
  add(name: string, source: File | (() => Promise<File>)): string {
    const key = crypto.randomUUID()
    this.sources.set(key, source instanceof File ? () => Promise.resolve(source) : source)
    this.all.set(key, { key, name, share: 0 })
    void this.run(key)
    return key
  }

  readonly retry = (key: string) => void this.run(key)

  /** Stops what is on its way; what has arrived stays, since an undo may show it again. */
  readonly drop = (key: string) => this.stops.get(key)?.()

  private async run(key: string) {
    this.put(key, { share: 0, problem: undefined })
    try {
      const file = await this.sources.get(key)!()
      if (file.size > pictureMegabytes << 20) throw tooLarge(file)
      this.put(key, { preview: this.of(key)?.preview ?? URL.createObjectURL(file) })
      const { done, stop } = this.send(file, (share) => this.put(key, { share }))
      this.stops.set(key, stop)
      const upload = await done
      this.onThere(key, upload)
      this.put(key, { upload, share: 1 })
    } catch (thrown) {
      this.put(key, { problem: thrown })
    } finally {
      this.stops.delete(key)
    }
  }

  private put(key: string, part: Partial<Picture>) {
    this.all.set(key, { ...this.all.get(key)!, ...part })
    for (const watcher of this.watchers) watcher()
  }
}

const tooLarge = (file: File) =>
  new Problem({
    status: 422,
    code: 'picture_too_large',
    message: `The picture ${file.name} is larger than ${pictureMegabytes} MB.`,
    side: 'yours',
    remedy: 'Attach it as a file, or make it smaller.',
    args: { name: file.name, limit: String(pictureMegabytes) },
  })

/** What is known of one picture, kept current. */
export const usePicture = (pictures: Pictures, key: string | null) =>
  useSyncExternalStore(pictures.watch, () => pictures.of(key))
