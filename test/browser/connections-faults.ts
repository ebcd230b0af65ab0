import type { CDPSession, Page } from 'playwright-core'

/** What may happen to a tab. Each resolves once it has, to what makes it undone where that can be. */
export type TabFault = (page: Page) => Promise<(() => Promise<unknown>) | undefined>

const sessionOf = (page: Page): Promise<CDPSession> => page.context().newCDPSession(page)

export const close: TabFault = async (page) => {
  await page.close()
  return undefined
}

/** As one that ran out of memory: nothing in it has a chance to say good-bye. */
export const crash: TabFault = async (page) => {
  const session = await sessionOf(page)
  const crashed = page.waitForEvent('crash')
  // It never gets an answer.
  session.send('Page.crash').catch(() => undefined)
  await crashed
  return undefined
}

/** As browsers do it to tabs that nobody has looked at for some minutes, until somebody does. */
export const freeze: TabFault = async (page) => {
  const session = await sessionOf(page)
  await session.send('Page.setWebLifecycleState', { state: 'frozen' })
  return () => look(session)
}

/**
 * As the back/forward cache does it, until one comes back. A headless Chromium has no such cache
 * (`BackForwardCacheDisabledForDelegate`), but can freeze a page; the events come from here.
 */
export const putAside: TabFault = async (page) => {
  const session = await sessionOf(page)
  const tell = (type: string): Promise<unknown> =>
    page.evaluate((type) => dispatchEvent(new PageTransitionEvent(type, { persisted: true })), type)
  await tell('pagehide')
  await session.send('Page.setWebLifecycleState', { state: 'frozen' })
  return async () => {
    await look(session)
    await tell('pageshow')
  }
}

/** A tab that was frozen counts as hidden, until it is the one that is looked at. */
async function look(session: CDPSession): Promise<void> {
  await session.send('Page.setWebLifecycleState', { state: 'active' })
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: true })
}

/** Its only thread waits for an answer that never comes: no script runs, no event is heard. */
export const hang: TabFault = async (page) => {
  const session = await sessionOf(page)
  const name = `hang-${Math.random()}`
  const ask = (url: string): void => {
    const request = new XMLHttpRequest()
    request.open('GET', url, false)
    request.send()
  }
  const url = new URL(`/together?count=2&as=${name}`, page.url()).href
  const hung = page.waitForRequest((request) => request.url() === url)
  const expression = `setTimeout(${String(ask)}, 0, ${JSON.stringify(url)})`
  await session.send('Runtime.evaluate', { expression })
  await hung
  return () => fetch(url)
}

/** Everything that it does takes eight times as long, and each answer is a phone's in a bad place. */
export const slowDown: TabFault = async (page) => {
  const session = await sessionOf(page)
  const network = { latency: 300, downloadThroughput: 60_000, uploadThroughput: 15_000 }
  await session.send('Emulation.setCPUThrottlingRate', { rate: 8 })
  await session.send('Network.enable')
  await session.send('Network.emulateNetworkConditions', { offline: false, ...network })
  return () => session.detach()
}

/** As who ticks "Offline" for one tab, in the tools for developers. */
export const loseNetwork: TabFault = async (page) => {
  const session = await sessionOf(page)
  await session.send('Network.enable')
  const set = (offline: boolean): Promise<unknown> =>
    session.send('Network.emulateNetworkConditions', {
      offline,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: -1,
    })
  await set(true)
  return () => set(false)
}
