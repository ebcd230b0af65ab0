import { describe, expect } from 'vitest'
import { newFolder } from '../../support/lmdb-folder.ts'
import {
  add,
  counter,
  FRAMEWORKS,
  isLive,
  isSaved,
  output,
  poll,
  sceneOf,
  shows,
  store,
  stored,
  test,
  words,
} from './hook-page.ts'
import { slowDown } from './slow-network.ts'

const OFFLINE = /ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED/
const NO_SERVER =
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE_CHUNKED_ENCODING/

describe.each(FRAMEWORKS)('over a slow network, a page in %s', (framework) => {
  test('shows each click at once, and agrees with the others in the end', async ({
    startSite,
    open,
  }) => {
    const site = await startSite()
    const slow = await open(site, framework, sceneOf(counter(), words('b')))
    const fast = await open(site, framework, sceneOf(counter(), words('b')))
    for (const page of [slow, fast]) {
      await isLive(page)
      await isLive(page, 'b')
    }
    await slowDown(slow)

    await add(slow, 10)
    // In the same turn as the click: no answer could have come.
    expect(await output(slow, 'Value').textContent()).toBe('10')
    for (let round = 0; round < 3; round++) {
      await Promise.all([add(slow, 10), add(fast, 10), add(slow, 2, 'b'), add(fast, 2, 'b')])
    }
    for (const page of [slow, fast]) {
      await shows(page, 70)
      await isSaved(page)
      await isSaved(page, 'b')
    }
    const inStream = await stored<string>(site, 'b')
    expect(inStream).toHaveLength(12)
    for (const page of [slow, fast]) await shows(page, inStream.join(' '), 'b')
  })
})

describe.each(FRAMEWORKS)('a browser that loses its network, with a page in %s', (framework) => {
  test('goes on where it was, with what was done on both sides', async ({
    startSite,
    open,
    faults,
  }) => {
    faults.expected.push(OFFLINE)
    const site = await startSite()
    const anna = await open(site, framework, sceneOf(counter()))
    const ben = await open(site, framework, sceneOf(counter()))
    await Promise.all([anna, ben].map((page) => isLive(page)))

    for (let round = 1; round <= 3; round++) {
      await anna.context().setOffline(true)
      await output(anna, 'Status').getByText('offline', { exact: true }).waitFor()
      await add(anna, 3)
      await add(ben, 2)
      await shows(ben, round * 5 - 3)
      await isSaved(ben)
      expect(await output(anna, 'Value').textContent()).toBe(String(round * 5 - 2))
      expect(await output(anna, 'Pending').textContent()).toBe('3')

      await anna.context().setOffline(false)
      for (const page of [anna, ben]) await shows(page, round * 5)
      await isSaved(anna)
      await isLive(anna)
    }
  })

  test('sends what was done before there ever was one', async ({ startSite, open, faults }) => {
    faults.expected.push(OFFLINE)
    const site = await startSite()
    const page = await open(site, framework, { probes: [] })
    await page.context().setOffline(true)
    await page.evaluate(() => window.stage.show({ probes: [{ kind: 'counter', key: 'a' }] }))
    await add(page, 4)
    await shows(page, 4)
    await store(site, 10)
    await page.context().setOffline(false)
    await shows(page, 14)
    await isSaved(page)
  })
})

describe.each(FRAMEWORKS)('when the server starts again, a page in %s', (framework) => {
  test('goes on with what the server kept', async ({ startSite, open, faults }) => {
    faults.expected.push(NO_SERVER)
    const site = await startSite({ storage: { lmdb: { path: newFolder() } } })
    const anna = await open(site, framework, sceneOf(counter(), words('b')))
    const ben = await open(site, framework, sceneOf(counter(), words('b')))
    await add(anna, 3)
    await add(anna, 1, 'b')
    await shows(ben, 3)
    await isSaved(anna)

    await site.stop()
    await add(anna, 2)
    await add(ben, 4)
    await add(ben, 1, 'b')
    await shows(anna, 5)
    await shows(ben, 7)
    await site.start()
    for (const page of [anna, ben]) {
      await shows(page, 9)
      await isSaved(page)
    }
    await isSaved(anna, 'b')
    await isSaved(ben, 'b')
    const inStream = await stored<string>(site, 'b')
    expect(inStream).toHaveLength(2)
    for (const page of [anna, ben]) await shows(page, inStream.join(' '), 'b')
  })

  test('shows the initial state when the server forgot all, and goes on from there', async ({
    startSite,
    open,
    faults,
  }) => {
    // It knows neither the place that was read nor who has written how much.
    faults.expected.push(NO_SERVER, /status of (410|409)/)
    const site = await startSite({ storage: 'memory' })
    const anna = await open(site, framework, sceneOf(counter()))
    const ben = await open(site, framework, sceneOf(counter()))
    await add(anna, 3)
    for (const page of [anna, ben]) await shows(page, 3)
    await isSaved(anna)

    await site.stop()
    await site.start()
    for (const page of [anna, ben]) await shows(page, 0)
    await Promise.all([add(anna, 2), add(ben, 2)])
    for (const page of [anna, ben]) {
      await shows(page, 4)
      await isSaved(page)
    }
    await poll(async () => (await stored(site)).at(-1)).toBe(4)
  })
})
