import { describe, expect } from 'vitest'
import {
  add,
  counter,
  FRAMEWORKS,
  isLive,
  isSaved,
  openLive,
  openRequests,
  output,
  poll,
  sceneOf,
  show,
  shows,
  store,
  test,
  words,
} from './hook-page.ts'
import { type HookSite, kindOf } from './hook-site.ts'

/** Lets no read of a key through, until the returned function is called. */
const holdReads = (site: HookSite, key: string): (() => void) =>
  site.hold(({ method, url }) => method === 'GET' && url!.startsWith(`/v1/stream/${key}`))

describe.each(FRAMEWORKS)('a component in %s', (framework) => {
  test('that leaves while it loads leaves no request and no error behind', async ({
    startSite,
    open,
  }) => {
    const site = await startSite()
    await store(site, 7)
    site.seen.length = 0
    const release = holdReads(site, 'a')
    const page = await open(site, framework, sceneOf(counter()))
    await poll(() => openRequests(site)).toEqual(['GET a'])
    await show(page, sceneOf())
    await poll(() => openRequests(site)).toEqual([])
    release()
    expect(site.seen).toHaveLength(1)

    await show(page, sceneOf(counter()))
    await shows(page, 7)
    await isLive(page)
    // The one that was given up, the first read, and the one that follows.
    await poll(() => site.seen.length).toBe(3)
  })

  test('that comes and goes many times while it loads reads once', async ({ startSite, open }) => {
    const site = await startSite()
    await store(site, 7)
    site.seen.length = 0
    const release = holdReads(site, 'a')
    const page = await open(site, framework, sceneOf())
    await page.evaluate(() => {
      for (let n = 0; n < 20; n++) {
        window.stage.show({ probes: [{ kind: 'counter', key: 'a' }] })
        window.stage.show({ probes: [] })
      }
      window.stage.show({ probes: [{ kind: 'counter', key: 'a' }] })
    })
    await poll(() => openRequests(site)).toEqual(['GET a'])
    release()
    await shows(page, 7)
    await isLive(page)
    await poll(() => site.seen.length).toBe(2)
  })

  test('whose key changes while it loads shows the state of the new one, and of no other', async ({
    startSite,
    open,
  }) => {
    const site = await startSite()
    await store(site, 1, 'a')
    await store(site, 2, 'b')
    const release = holdReads(site, 'a')
    const page = await open(site, framework, sceneOf(counter('a')))
    await poll(() => openRequests(site)).toEqual(['GET a'])
    await show(page, sceneOf(counter('b')))
    await shows(page, 2, 'b')
    release()
    await store(site, 3, 'b')
    await shows(page, 3, 'b')
    await poll(() => openLive(site).flatMap(({ paths }) => paths)).toEqual(['/v1/stream/b'])
    await show(page, sceneOf(counter('a')))
    await shows(page, 1, 'a')
    const shown = await page.evaluate(() => window.shown)
    // What it was when it came back depends on whether it was still being read.
    const isEitherWay = shown.filter((text, index) => index < 4 || text !== 'a=0')
    expect(isEitherWay).toEqual(['a=0', 'b=0', 'b=2', 'b=3', 'a=1'])
  })

  test('whose key changes again and again never shows one under the name of another', async ({
    startSite,
    open,
  }) => {
    const site = await startSite()
    const keys = ['k1', 'k2', 'k3', 'k4']
    for (const [index, key] of keys.entries()) await store(site, index + 1, key)
    const page = await open(site, framework, sceneOf(counter('k1'), counter('k4')))
    for (let round = 0; round < 12; round++) {
      const key = keys[round % 4]!
      await show(page, sceneOf(counter(key)))
      if (round % 3 === 0) await shows(page, (round % 4) + 1, key)
    }
    await shows(page, 4, 'k4')
    const shown = new Set(await page.evaluate(() => window.shown))
    const right = keys.flatMap((key, index) => [`${key}=0`, `${key}=${index + 1}`])
    expect([...shown].filter((text) => !right.includes(text))).toEqual([])
    await poll(() => openLive(site).flatMap(({ paths }) => paths)).toEqual(['/v1/stream/k4'])
  })

  test('whose key changes with a write on its way has it stored under the old one', async ({
    startSite,
    open,
  }) => {
    const site = await startSite()
    await store(site, 1, 'a')
    await store(site, 10, 'b')
    const page = await open(site, framework, sceneOf(counter('a')))
    await shows(page, 1, 'a')
    const release = site.hold((request) => kindOf(request) === 'append')
    await add(page, 3, 'a')
    await show(page, sceneOf(counter('b')))
    await shows(page, 10, 'b')
    await add(page, 1, 'b')
    release()
    await shows(page, 11, 'b')
    await isSaved(page, 'b')
    await show(page, sceneOf(counter('a')))
    await shows(page, 4, 'a')
    await isSaved(page, 'a')
  })

  test('that takes the place of one with another hook shows its own state', async ({
    startSite,
    open,
  }) => {
    const site = await startSite()
    const page = await open(site, framework, sceneOf(counter('a')))
    await add(page)
    await isSaved(page)
    await show(page, sceneOf(words('b'), counter('a')))
    await add(page, 2, 'b')
    await isSaved(page, 'b')
    expect((await output(page, 'Value', 'b').textContent())!.split(' ')).toHaveLength(2)
    await shows(page, 1, 'a')
  })
})
