import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { DurableStream } from '../../src/core/index.ts'
import type * as store from '../../src/state/store/index.ts'
import { bundle } from './bundle.ts'
import { poll, test } from './client-page.ts'
import type { ClientSite } from './client-site.ts'

declare global {
  interface Window {
    words: store.SharedStore<readonly string[], string>
    faults: string[]
  }
}

const scripts = bundle({ store: 'src/state/store/index.ts' })

/** Opens the list of words on a page that has just been loaded. */
async function openWords(page: Page, url: string): Promise<void> {
  await page.waitForFunction(() => 'streamwell' in window)
  await page.evaluate(`import('/store.js').then((store) => { window.store = store })`)
  await page.evaluate((url) => {
    const { createSharedStore, checkpoint, indexedDBPersistence, outbox } = (
      window as unknown as { store: typeof store }
    ).store
    window.faults = []
    const persistence = indexedDBPersistence({
      onDegrade: (error) => void window.faults.push(String(error)),
    })
    window.words = createSharedStore<readonly string[], string>({
      url,
      reducer: (words, word) => [...words, word],
      initialState: [],
      backoff: { maxDelayMs: 200 },
      onError: (error) => void window.faults.push(String(error)),
      checkpoint: checkpoint(persistence, { reducerVersion: 1, everyMs: 50 }),
      outbox: outbox(persistence, { lookEveryMs: 200 }),
    })
    window.words.subscribe(() => undefined)
  }, url)
}

function write(page: Page, ...words: string[]): Promise<void> {
  return page.evaluate((words) => {
    for (const word of words) window.words.dispatch(word)
  }, words)
}

/** What a page shows, with how many of its words are pending. */
function shown(page: Page): Promise<[string, number]> {
  return page.evaluate(() => {
    const { state, pending } = window.words.getSnapshot()
    return [state.join(' '), pending] as [string, number]
  })
}

/** The records that a browser holds in what has such a name. */
function kept(page: Page, prefix: string): Promise<string[]> {
  return page.evaluate(async (prefix) => {
    const { indexedDBPersistence } = (window as unknown as { store: typeof store }).store
    const persistence = indexedDBPersistence()
    const records: string[] = []
    for (const name of await persistence.list(prefix)) {
      const journal = await persistence.open(name)
      records.push(...(await journal.read()))
      await journal.close()
    }
    return records
  }, prefix)
}

async function keptCount(page: Page): Promise<number> {
  return (await kept(page, 'outbox:')).length
}

/** The pages can be loaded, as from a service worker, but their streams cannot be reached. */
async function goOffline(page: Page): Promise<void> {
  await page.context().route('**/v1/**', (route) => route.abort('internetdisconnected'))
}

function goOnline(page: Page): Promise<void> {
  return page.context().unroute('**/v1/**')
}

async function stored(site: ClientSite): Promise<string[]> {
  const stream = new DurableStream<{ value: string }>({ url: `${site.streams}/words` })
  return (await (await stream.stream({ live: false })).json()).map(({ value }) => value)
}

const OFFLINE = /ERR_INTERNET_DISCONNECTED/
const FIRST = /status of 404/

test('words that were written offline are there after a reload, and are sent once', async ({
  startSite,
  open,
  faults,
}) => {
  faults.expected.push(OFFLINE, FIRST)
  const site = await startSite({}, await scripts)
  const url = `${site.streams}/words`
  const page = await open(site)
  await openWords(page, url)
  await write(page, 'a')
  await poll(() => shown(page)).toEqual(['a', 0])
  await poll(() => kept(page, 'checkpoint:')).toEqual([expect.stringContaining('["a"]')])

  await goOffline(page)
  await write(page, 'b', 'c')
  await poll(() => keptCount(page)).toBe(2)
  await page.reload()
  await openWords(page, url)
  // The checkpoint and the outbox, before any network.
  await poll(() => shown(page)).toEqual(['a b c', 2])
  await write(page, 'd')
  await poll(() => keptCount(page)).toBe(3)
  await page.reload()
  await openWords(page, url)
  await poll(() => shown(page)).toEqual(['a b c d', 3])

  await goOnline(page)
  await poll(() => shown(page)).toEqual(['a b c d', 0])
  expect(await stored(site)).toEqual(['a', 'b', 'c', 'd'])
  await poll(() => keptCount(page)).toBe(0)
  expect(await page.evaluate(() => window.faults)).toEqual([])
})

test('of two tabs each sends its own words, and the one that is left those of the one that was closed', async ({
  startSite,
  open,
  faults,
}) => {
  faults.expected.push(OFFLINE, FIRST)
  const site = await startSite({}, await scripts)
  const url = `${site.streams}/words`
  const one = await open(site)
  const two = await one.context().newPage()
  faults.watch(two)
  await two.goto(site.url)
  await openWords(one, url)
  await openWords(two, url)
  await poll(() => one.evaluate(() => window.words.status.kind)).toBe('live')
  await poll(() => two.evaluate(() => window.words.status.kind)).toBe('live')

  await goOffline(one)
  await write(one, 'one-a')
  await write(two, 'two-a')
  await write(one, 'one-b')
  await write(two, 'two-b')
  await poll(() => keptCount(one)).toBe(4)
  await two.close()
  await goOnline(one)
  await poll(async () => (await shown(one))[0].split(' ').length).toBe(4)
  await poll(async () => (await shown(one))[1]).toBe(0)
  const words = await stored(site)
  expect(words.filter((word) => word.startsWith('one'))).toEqual(['one-a', 'one-b'])
  expect(words.filter((word) => word.startsWith('two'))).toEqual(['two-a', 'two-b'])
  expect(words).toHaveLength(4)
  await poll(() => keptCount(one)).toBe(0)
})
