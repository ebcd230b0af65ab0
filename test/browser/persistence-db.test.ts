import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import type * as state from '../../src/state/db/index.ts'
import type { Persistence } from '../../src/state/persistence/index.ts'
import { DurableStream } from '../../src/core/index.ts'
import { poll, test } from './client-page.ts'
import type { ClientSite } from './client-site.ts'
import { bundleState } from './state-site.ts'

declare global {
  interface Window {
    state: typeof state
    /** The users that a page shows, and what it was told. */
    users: {
      shown: () => string[]
      status: () => string
      faults: string[]
      persistence: Persistence
    }
  }
}

const scripts = bundleState()

/** Opens a database of users on a page, which keeps what it has read. */
async function openUsers(page: Page, url: string): Promise<void> {
  await page.evaluate(`Promise.all([import('/state.js'), import('/persistence.js')]).then(
    ([state, driver]) => { Object.assign(window, { state, driver }) }
  )`)
  await page.evaluate((url) => {
    const faults: string[] = []
    const tell = (error: unknown): void => void faults.push(String(error))
    const validate = (value: unknown): { value: unknown } => ({ value })
    const users = {
      schema: { '~standard': { version: 1 as const, vendor: 'test', validate } },
      type: 'user',
      primaryKey: 'id',
    }
    const { createStreamDB, createStateSchema } = window.state
    const persistence = window.driver.indexedDBPersistence({ onDegrade: tell })
    const db = createStreamDB({
      streamOptions: { url },
      state: createStateSchema({ users } as never) as never,
      persistence,
      onPersistenceError: tell,
    })
    const { users: collection } = db.collections as unknown as Record<
      'users',
      { toArray: { name: string }[] }
    >
    window.users = {
      shown: () => collection.toArray.map(({ name }) => name).toSorted(),
      status: () => db.status.current.kind,
      faults,
      persistence,
    }
    void db.preload().catch(tell)
  }, url)
}

const shown = (page: Page): Promise<string[]> => page.evaluate(() => window.users.shown())
/** What the browser keeps of the rows, as text. */
const kept = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const [name] = await window.users.persistence.list('rows:')
    return name ? (await (await window.users.persistence.open(name)).read()).join() : ''
  })
const event = (id: string, name: string): object => ({
  type: 'user',
  key: id,
  value: { id, name },
  headers: { operation: 'upsert' },
})

async function usersOn(site: ClientSite): Promise<DurableStream> {
  const url = `${site.streams}/users`
  return DurableStream.create({ url, contentType: 'application/json' })
}

test('a page shows what it showed last time before the network answers', async ({
  startSite,
  open,
}) => {
  const site = await startSite({}, await scripts)

  const stream = await usersOn(site)
  await stream.appendAll([event('1', 'Ada'), event('2', 'Bob')])
  const page = await open(site)
  await openUsers(page, stream.url)
  await poll(() => page.evaluate(() => window.users.status())).toBe('live')
  expect(await shown(page)).toEqual(['Ada', 'Bob'])
  // What is written only while the page is left, Chromium undoes now and then.
  await poll(() => kept(page)).toContain('Bob')
  await page.reload()
  await stream.append(event('3', 'Cleo'))

  let answer = (): void => {}
  const held = new Promise<void>((resolve) => (answer = resolve))
  const asked: string[] = []
  await page.route('**/v1/stream/users*', async (route) => {
    asked.push(route.request().url())
    await held
    await route.continue()
  })
  await openUsers(page, stream.url)
  await poll(() => shown(page)).toEqual(['Ada', 'Bob'])
  expect(await page.evaluate(() => window.users.status())).toBe('connecting')
  answer()
  await poll(() => shown(page)).toEqual(['Ada', 'Bob', 'Cleo'])
  expect(asked.filter((url) => url.includes('offset=-1'))).toEqual([])
  expect(await page.evaluate(() => window.users.faults)).toEqual([])
})

test('a second tab takes over the keeping when the first is closed', async ({
  startSite,
  open,
}) => {
  const site = await startSite({}, await scripts)

  const stream = await usersOn(site)
  await stream.append(event('1', 'Ada'))
  const first = await open(site)
  const second = await first.context().newPage()
  await second.goto(site.url)
  for (const page of [first, second]) {
    await openUsers(page, stream.url)
    await poll(() => shown(page)).toEqual(['Ada'])
  }
  await first.close()
  await stream.append(event('2', 'Bob'))
  await poll(() => shown(second)).toEqual(['Ada', 'Bob'])
  await poll(() => kept(second)).toContain('Bob')
})

test('a page that may keep nothing works as any other, and says so once', async ({
  startSite,
  open,
}) => {
  const site = await startSite({}, await scripts)

  const stream = await usersOn(site)
  await stream.append(event('1', 'Ada'))
  const page = await open(site)
  await page.evaluate(() => {
    IDBFactory.prototype.open = () => {
      throw new DOMException('Private', 'SecurityError')
    }
  })
  await openUsers(page, stream.url)
  await poll(() => shown(page)).toEqual(['Ada'])
  await stream.append(event('2', 'Bob'))
  await poll(() => shown(page)).toEqual(['Ada', 'Bob'])
  expect(await page.evaluate(() => window.users.faults)).toEqual([
    expect.stringContaining('in memory'),
  ])
})
