import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

const program = process.env.TANDEM_BIN ?? resolve(import.meta.dirname, '../../../bin/tandem')

/** One running Tandem with a data folder of its own. */
export class Tandem {
  private child!: ChildProcess
  /** What it has printed since it started. */
  private printed = ''

  private constructor(
    private readonly command: string[],
    private readonly ready: RegExp,
    private readonly folder: string,
    readonly url: string,
  ) {}

  /** Starts the program and waits until it has printed what `ready` looks for. */
  static async start(command: 'demo' | 'serve', ready: RegExp, options: Record<string, string>): Promise<Tandem> {
    if (!existsSync(program)) throw new Error(`${program} is missing. Build it with "make build".`)
    const folder = await mkdtemp(join(tmpdir(), 'tandem-browser-'))
    const address = await freeAddress()
    const flags = Object.entries({ ...options, http: address, data: folder }).flatMap(([name, value]) =>
      value === '' ? [`--${name}`] : [`--${name}`, value],
    )
    const tandem = new Tandem([command, ...flags], ready, folder, `http://${address}`)
    try {
      await tandem.run()
    } catch (error) {
      await rm(folder, { recursive: true, force: true })
      throw error
    }
    return tandem
  }

  /** Starts it, the first time or after it was killed. */
  async run(): Promise<void> {
    // Stories look again and again with one API token, as no program does.
    const env = { ...process.env, TANDEM_RATE_LIMIT: '0' }
    const child = spawn(program, this.command, { stdio: ['ignore', 'pipe', 'pipe'], env })
    this.child = child
    this.printed = ''
    await new Promise<void>((resolve, reject) => {
      const read = (data: Buffer) => {
        this.printed += data.toString()
        if (this.ready.test(this.printed)) resolve()
      }
      child.stdout.on('data', read)
      child.stderr.on('data', read)
      child.once('error', reject)
      child.once('exit', () => reject(new Error(`tandem ${this.command[0]} ended before it was ready:\n${this.printed}`)))
    })
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await once(this.child, 'exit')
  }

  /** The first part of its output that fits. */
  said(pattern: RegExp): string {
    const found = this.printed.match(pattern)?.[0]
    if (!found) throw new Error(`Tandem did not print ${pattern}:\n${this.printed}`)
    return found
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGTERM')
      await once(this.child, 'exit')
    }
    await rm(this.folder, { recursive: true, force: true })
  }
}

/**
 * An address on this machine where nobody listens at the moment: below the
 * ports from 32768 on, which outgoing connections take.
 */
export async function freeAddress(): Promise<string> {
  for (let tries = 1; ; tries++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer()
    try {
      server.listen(port, '127.0.0.1')
      await once(server, 'listening')
    } catch (error) {
      if (tries === 100) throw error
      continue
    }
    server.close()
    await once(server, 'close')
    return `127.0.0.1:${port}`
  }
}
