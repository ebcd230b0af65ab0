import type { Page } from 'playwright-core'
import { describe, expect } from 'vitest'
import type * as presenceModule from '../../src/state/presence/index.ts'
import type { Presence, PresenceOptions } from '../../src/state/presence/index.ts'
import { bundle, type Scripts } from './bundle.ts'
import { follow, makeStream, openLive, poll, test as base } from './client-page.ts'
import type { ClientSite } from './client-site.ts'

interface PresencePage {
  module: typeof presenceModule
  presence: Presence<{ name: string }>
}

/** Opens a page of the one site of the test, and lets somebody enter its room. */
type Enter = (id: string, options?: PresenceOptions) => Promise<Page>

const test = base.extend<{ scripts: Scripts; site: ClientSite; enter: Enter }>({
  scripts: [
    ({}, provide) => bundle({ presence: 'src/state/presence/index.ts' }).then(provide),
    { scope: 'file' },
  ],
  site: async ({ startSite, scripts, faults }, provide) => {
    // Who comes first asks for a stream that nobody has made yet, and makes it.
    faults.expected.push(/status of 404 .*\/presence/)
    await provide(await startSite({}, scripts))
  },
  enter: async ({ open, site }, provide) => {
    const pages: Page[] = []
    await provide(async (id, options = {}) => {
      const page = await open(site)
      pages.push(page)
      await enterRoom(page, id, options)
      return page
    })
    // Before the site, which they would miss.
    await Promise.all(pages.map((page) => page.context().close()))
  },
})

async function enterRoom(page: Page, id: string, options: PresenceOptions): Promise<void> {
  const content = `import * as module from '/presence.js'; Object.assign(window, { module })`
  await page.addScriptTag({ type: 'module', content })
  await page.waitForFunction(() => 'module' in window)
  await page.evaluate(
    ([id, options]) => {
      const { createPresence } = (window as unknown as PresencePage).module
      const presence = createPresence('/v1/stream/room', { id, name: id }, options)
      presence.subscribe(() => {})
      Object.assign(window, { presence })
    },
    [id, options] as const,
  )
}

/** The ids of all who are in the room, as a page shows them; with a `~` who is away. */
function seenBy(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { presence } = window as unknown as PresencePage
    return presence.getSnapshot().people.map(({ id, away }) => (away ? `~${id}` : id))
  })
}

/** Shows or hides a page, as far as its scripts can tell. */
function show(page: Page, isShown: boolean): Promise<void> {
  return page.evaluate((isShown) => {
    const state = isShown ? 'visible' : 'hidden'
    Object.defineProperty(document, 'hidden', { configurable: true, value: !isShown })
    Object.defineProperty(document, 'visibilityState', { configurable: true, value: state })
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))
  }, isShown)
}

/** Takes all six connections that a browser opens to a host, so that the next request has to wait. */
async function takeAllConnections(page: Page, site: ClientSite): Promise<void> {
  const held: string[] = []
  for (const path of ['a', 'b', 'c', 'd', 'e']) {
    const { url } = await makeStream(site, path)
    await follow(page, url, 'sse', { connection: 'stream' })
    held.push(new URL(url).pathname)
  }
  const open = (): string[] => openLive(site).map(({ path }) => path)
  await poll(open).toEqual(expect.arrayContaining(held))
}

describe('two people in a room', () => {
  test('see each other, and what each tells of themselves', async ({ enter }) => {
    const ann = await enter('ann')
    const bob = await enter('bob')
    await poll(() => seenBy(ann)).toEqual(['ann', 'bob'])
    await poll(() => seenBy(bob)).toEqual(['ann', 'bob'])
    await ann.evaluate(() => (window as unknown as PresencePage).presence.update({ name: 'Anne' }))
    const annsName = (): Promise<string> =>
      bob.evaluate(
        () => (window as unknown as PresencePage).presence.getSnapshot().others[0]!.state.name,
      )
    await poll(annsName).toBe('Anne')
  })

  for (const [way, leave] of [
    ['closes the page', (page: Page) => page.close({ runBeforeUnload: true })],
    ['goes to another page', (page: Page) => page.goto('about:blank')],
  ] as const) {
    test(`part at once when one ${way}`, async ({ enter, site }) => {
      const ann = await enter('ann')
      const bob = await enter('bob')
      await poll(() => seenBy(ann)).toEqual(['ann', 'bob'])
      await poll(() => seenBy(bob)).toEqual(['ann', 'bob'])
      await takeAllConnections(ann, site)
      await leave(ann)
      // Far less than the 75 s after which somebody is gone who said nothing.
      await poll(() => seenBy(bob)).toEqual(['bob'])
    })
  }

  test('part after a while when the page of one crashes', async ({ enter, site }) => {
    const expireAfterMs = 4000
    const ann = await enter('ann', { expireAfterMs })
    const bob = await enter('bob', { expireAfterMs })
    await poll(() => seenBy(bob)).toEqual(['ann', 'bob'])
    const crashed = ann.waitForEvent('crash')
    void ann.goto('chrome://crash').catch(() => undefined)
    await crashed
    const posts = site.seen.length
    await poll(() => seenBy(bob)).toEqual(['bob'])
    expect(site.seen.slice(posts).some(({ status }) => status >= 400)).toBe(false)
  })

  test('know of each other whose page is hidden', async ({ enter }) => {
    const ann = await enter('ann')
    const bob = await enter('bob')
    await poll(() => seenBy(bob)).toEqual(['ann', 'bob'])
    await show(ann, false)
    await poll(() => seenBy(bob)).toEqual(['~ann', 'bob'])
    const cid = await enter('cid')
    await poll(() => seenBy(cid)).toEqual(['~ann', 'bob', 'cid'])
    await show(ann, true)
    await poll(() => seenBy(bob)).toEqual(['ann', 'bob', 'cid'])
  })

  test('meet again when one comes back from the back/forward cache', async ({ enter }) => {
    const ann = await enter('ann')
    const bob = await enter('bob')
    const tell = (type: string): Promise<unknown> =>
      ann.evaluate(
        (type) => dispatchEvent(new PageTransitionEvent(type, { persisted: true })),
        type,
      )
    await poll(() => seenBy(bob)).toEqual(['ann', 'bob'])
    await tell('pagehide')
    await poll(() => seenBy(bob)).toEqual(['bob'])
    await tell('pageshow')
    await poll(() => seenBy(bob)).toEqual(['ann', 'bob'])
    await poll(() => seenBy(ann)).toEqual(['ann', 'bob'])
  })

  test('do not part while one has no network for a moment', async ({ enter, faults }) => {
    faults.expected.push(/ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/)
    const ann = await enter('ann')
    const bob = await enter('bob')
    await poll(() => seenBy(ann)).toEqual(['ann', 'bob'])
    await poll(() => seenBy(bob)).toEqual(['ann', 'bob'])
    await ann.context().setOffline(true)
    const status = (): Promise<string> =>
      ann.evaluate(() => (window as unknown as PresencePage).presence.getSnapshot().status.kind)
    await poll(status).toBe('offline')
    expect(await seenBy(ann)).toEqual(['ann', 'bob'])
    await ann.context().setOffline(false)
    await poll(status).toBe('live')
    expect(await seenBy(ann)).toEqual(['ann', 'bob'])
    expect(await seenBy(bob)).toEqual(['ann', 'bob'])
  })
})
