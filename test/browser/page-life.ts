import type { Page } from 'playwright-core'

/** Shows or hides a page, as far as its scripts can tell. */
export function setShown(page: Page, isShown: boolean): Promise<void> {
  return page.evaluate((isShown) => {
    const state = isShown ? 'visible' : 'hidden'
    Object.defineProperty(document, 'hidden', { configurable: true, value: !isShown })
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: state })
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
  }, isShown)
}

/**
 * Puts a page aside as the back/forward cache does, and fetches it back. A headless Chromium has no such
 * cache (`BackForwardCacheDisabledForDelegate`), but can freeze a page; the events come from here.
 */
export async function putAside(page: Page, meanwhile: () => Promise<unknown>): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const tell = (type: string): Promise<unknown> =>
    page.evaluate((type) => dispatchEvent(new PageTransitionEvent(type, { persisted: true })), type)
  await tell('pagehide')
  await session.send('Page.setWebLifecycleState', { state: 'frozen' })
  await meanwhile()
  await session.send('Page.setWebLifecycleState', { state: 'active' })
  await tell('pageshow')
}
