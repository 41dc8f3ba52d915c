import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core'
import { executable } from '../scripts/chromium.mjs'
import { contoso } from './contoso'

/** Who sits before the browser, and how it is set. */
export interface Visit {
  /** Nobody is signed in when null. */
  as?: string | null
  /** Another Tandem than Contoso's. */
  at?: string
  theme?: 'light' | 'dark' | 'contrast'
  language?: 'en' | 'ja' | 'pt-BR'
  width?: number
  height?: number
  /** Under fingers, as on a tablet. */
  touch?: boolean
  /** What its pages may complain about, because the story makes it happen. */
  forgive?: RegExp
}

// Chromium without the connections it makes on its own account, and without the
// popups of its address bar: two pages more for each visitor, whom nobody sees.
// The last list of features counts, so Playwright's own is repeated.
const absent = [
  'WebUIOmniboxPopup',
  'WebUIOmniboxAimPopup',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'PaintHolding',
  'ThirdPartyStoragePartitioning',
  'OptimizationHints',
]
const switches = [
  `--disable-features=${absent.join(',')}`,
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--disable-gpu',
]

export function openBrowser(): Promise<Browser> {
  // Chromium's sandbox refuses to work for root, which is who runs tests in a container.
  const root = process.getuid?.() === 0
  return chromium.launch({
    executablePath: executable,
    args: root ? [...switches, '--no-sandbox'] : switches,
  })
}

/** One person at one browser: their pages, and what went wrong in them unseen. */
export class Visitor {
  /** What a page complained about on the console, and what it asked of foreign hosts. */
  readonly complaints: string[] = []

  private constructor(
    readonly context: BrowserContext,
    private readonly base: string,
  ) {}

  static async arrive(browser: Browser, visit: Visit = {}): Promise<Visitor> {
    const base = visit.at ?? contoso.tandem
    const look: BrowserContextOptions = {
      light: { colorScheme: 'light' as const },
      dark: { colorScheme: 'dark' as const },
      contrast: { forcedColors: 'active' as const, contrast: 'more' as const },
    }[visit.theme ?? 'light']
    const context = await browser.newContext({
      baseURL: base,
      viewport: { width: visit.width ?? 1440, height: visit.height ?? 900 },
      locale: 'en-US',
      timezoneId: 'UTC',
      reducedMotion: 'reduce',
      hasTouch: visit.touch,
      isMobile: visit.touch,
      ...look,
    })
    context.setDefaultTimeout(10_000)
    const visitor = new Visitor(context, base)
    await visitor.listen(visit.forgive)
    if (visit.language) {
      await context.addInitScript((language) => {
        if (location.protocol === 'http:') localStorage.setItem('tandem.language', language)
      }, visit.language)
    }
    const email = visit.as === undefined ? 'admin@contoso.example' : visit.as
    if (email !== null) {
      const answer = await context.request.post('/api/v2/session', { data: { email, password: 'tandem-demo' } })
      if (!answer.ok()) throw new Error(`${email} cannot sign in: ${await answer.text()}`)
    }
    return visitor
  }

  private async listen(forgive?: RegExp) {
    const complain = (page: Page | null, what: string) => {
      if (!forgive?.test(what)) this.complaints.push(`${page?.url() ?? ''}: ${what}`)
    }
    this.context.on('console', (message) => {
      if (message.type() !== 'error') return
      // The browser reports each refusal of the API; what the page makes of it is what counts.
      if (/status of 4\d\d/.test(message.text())) return
      complain(message.page(), `${message.text()} (${message.location().url})`)
    })
    this.context.on('weberror', (error) => complain(error.page(), error.error().message))
    await this.context.route(
      (url) => url.hostname !== '127.0.0.1',
      (route) => {
        complain(route.request().frame().page(), `asked for ${route.request().url()}`)
        return route.abort()
      },
    )
  }

  /** Opens a path of Tandem, or a whole address, in a new tab. */
  async open(path: string): Promise<Page> {
    const page = await this.context.newPage()
    await page.goto(path.startsWith('http') ? path : this.base + path)
    return page
  }
}
