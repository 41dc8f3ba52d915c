import { existsSync } from 'node:fs'

const installed = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']

/** The browser of the stories. Debian's headless shell, which draws no window, takes a quarter less time than the whole Chromium. */
export const executable = process.env.TANDEM_CHROMIUM ?? installed.find((path) => existsSync(path)) ?? installed[0]
