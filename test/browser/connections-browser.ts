import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'
import { launchBrowser } from '../support/chromium.ts'
import { eventually } from '../support/eventually.ts'

/** A browser of its own, whose tabs share one profile as those of a person do. */
export interface OwnBrowser {
  context: BrowserContext
  /** May be called again: a site goes after the browser that is on it. */
  close: () => Promise<void>
}

/**
 * Starts a browser whose tabs can be hidden and frozen. In the contexts that Playwright makes itself,
 * each page counts as seen and in focus for ever, and a browser freezes none of those.
 */
export async function startOwnBrowser(): Promise<OwnBrowser> {
  const launched = await launchBrowser({
    // The second one lets a session read the first one's line of arguments.
    args: ['--remote-debugging-port=0', '--enable-automation'],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
  const session = await launched.newBrowserCDPSession()
  const { arguments: line } = await session.send('Browser.getBrowserCommandLine')
  const profile = line.find((word) => word.startsWith('--user-data-dir='))!.split('=')[1]!
  // It is written once the browser listens, which it says before.
  const port = await eventually(async () => {
    const [line] = (await readFile(join(profile, 'DevToolsActivePort'), 'utf8')).split('\n')
    return Number(line) || Promise.reject(new Error('The browser has yet to name its port'))
  })
  const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`, { noDefaults: true })
  let closing: Promise<void> | undefined
  return {
    context: browser.contexts()[0]!,
    close: () => (closing ??= browser.close().then(() => launched.close())),
  }
}
