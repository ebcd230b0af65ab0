import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { describePersistence } from '../state/persistence-suite.ts'
import { launchBrowser } from '../support/chromium.ts'
import type { ClientSite } from './client-site.ts'
import { remotePersistence } from './remote-persistence.ts'
import { startStateSite } from './state-site.ts'

let browser: Browser
let site: ClientSite
const contexts: BrowserContext[] = []

beforeAll(async () => {
  ;[browser, site] = await Promise.all([launchBrowser(), startStateSite()])
})
afterEach(async () => {
  await Promise.all(contexts.splice(0).map((context) => context.close()))
})
afterAll(async () => {
  await Promise.all([browser.close(), site.close()])
})

/** A person of their own, with nothing kept; opens one tab after the other. */
async function newVisitor(script?: string): Promise<() => Promise<Page>> {
  const context = await browser.newContext()
  contexts.push(context)
  if (script) await context.addInitScript(script)
  return async () => {
    const page = await context.newPage()
    await page.goto(site.url)
    return page
  }
}

const WITHOUT_LOCKS = `Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })`

/** Notes in the tab what is taken out of the database, also while its page is left. */
const NOTING_REMOVALS = `
  const { delete: remove } = IDBObjectStore.prototype
  IDBObjectStore.prototype.delete = function (key) {
    sessionStorage.setItem('removed', key)
    return remove.call(this, key)
  }`

const removedIn = (page: Page): Promise<string | null> =>
  page.evaluate(() => sessionStorage.getItem('removed'))

describe.each([
  ['IndexedDB of a real browser', undefined],
  ['IndexedDB of a page that did not come over HTTPS', WITHOUT_LOCKS],
])('in %s', (_where, script) => {
  describePersistence({
    openStorage: async () => {
      const openTab = await newVisitor(script)
      return async () => remotePersistence(await openTab())
    },
    numRuns: 8,
  })
})

describe('a tab', () => {
  it.each([
    ['with Web Locks', undefined, null],
    ['without', WITHOUT_LOCKS + NOTING_REMOVALS, 'a'],
  ])(
    'that is closed or reloaded lets another have its locks (%s)',
    { timeout: 300_000 },
    async (_with, script, removed) => {
      const openTab = await newVisitor(script)
      const [one, two] = [await openTab(), await openTab()]
      const [first, second] = [await remotePersistence(one), await remotePersistence(two)]
      expect(await first.lock('a', { wait: true })).toBeDefined()
      const waiting = second.lock('a', { wait: true })
      expect(await second.lock('a', { wait: false })).toBeUndefined()
      await one.reload()
      expect(await removedIn(one)).toBe(removed)
      // What is removed only while a page is left, Chromium undoes now and then: then a lease has to end.
      expect(await waiting).toBeDefined()

      const reloaded = await remotePersistence(one)
      const turn = reloaded.lock('a', { wait: true })
      await two.goto('about:blank')
      expect(await turn).toBeDefined()
      await two.goto(site.url)
      expect(await removedIn(two)).toBe(removed)
    },
  )

  it.each([
    ['has no IndexedDB', `Object.defineProperty(window, 'indexedDB', { value: undefined })`],
    [
      'may not use IndexedDB',
      `IDBFactory.prototype.open = () => { throw new DOMException('Private', 'SecurityError') }`,
    ],
    [
      'waits for ever for IndexedDB',
      `const { open } = IDBFactory.prototype
       IDBFactory.prototype.open = function (...args) {
         return Object.assign(open.apply(this, args), { addEventListener() {} })
       }`,
    ],
    [
      'has no room',
      `IDBObjectStore.prototype.add = () => { throw new DOMException('Full', 'QuotaExceededError') }`,
    ],
  ])('that %s keeps in memory, and says so once', async (_how, script) => {
    const openTab = await newVisitor(script)
    const page = await openTab()
    const { open, list, lock } = await remotePersistence(page)
    const journal = await open('a')
    await journal.append(['1'])
    await journal.append(['2'])
    expect(await (await open('a')).read()).toEqual(['1', '2'])
    expect(await list('')).toEqual(['a'])
    expect(await lock('a', { wait: true })).toBeDefined()
    const told = await page.evaluate(() => window.kept.told)
    expect(told).toEqual([expect.stringContaining('going on in memory')])
  })

  it('does not keep another from deleting the database, and goes on', async () => {
    const openTab = await newVisitor()
    const page = await openTab()
    const { open } = await remotePersistence(page, 'own')
    const journal = await open('a')
    await journal.append(['1'])
    const other = await openTab()
    const outcome = await other.evaluate(
      () =>
        new Promise((resolve) => {
          const request = indexedDB.deleteDatabase('own')
          for (const type of ['success', 'error']) {
            request.addEventListener(type, () => resolve(type))
          }
        }),
    )
    expect(outcome).toBe('success')
    await journal.append(['2'])
    expect(await (await remotePersistence(await openTab(), 'own')).list('')).toEqual(['a'])
    expect(await page.evaluate(() => window.kept.told)).toEqual([])
  })
})
