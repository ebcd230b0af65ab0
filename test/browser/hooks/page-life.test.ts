import { describe, expect } from 'vitest'
import { putAside, setShown } from '../page-life.ts'
import {
  add,
  counter,
  FRAMEWORKS,
  isLive,
  isSaved,
  openLive,
  output,
  poll,
  sceneOf,
  shows,
  store,
  test,
  words,
} from './hook-page.ts'

describe.each(FRAMEWORKS)('a page in %s that nobody sees', (framework) => {
  test('shows what was done meanwhile as soon as it is seen', async ({ startSite, open }) => {
    const site = await startSite()
    const page = await open(site, framework, sceneOf())
    await page.clock.install()
    await page.evaluate(() => window.stage.show({ probes: [{ kind: 'counter', key: 'a' }] }))
    await isLive(page)
    for (let n = 1; n <= 7; n += 3) {
      await setShown(page, false)
      await page.clock.runFor(20_000)
      await store(site, n)
      await shows(page, n)
      await page.clock.runFor(600_000)
      await store(site, n + 1)

      await setShown(page, true)
      await shows(page, n + 1)
      await isLive(page)
      await add(page)
      await shows(page, n + 2)
      await isSaved(page)
    }
  })

  test('and that the browser has frozen loses nothing', async ({ startSite, open }) => {
    const site = await startSite({ sseLifetimeMs: 300 })
    const page = await open(site, framework, sceneOf(counter(), words('b')))
    await isLive(page)
    await isLive(page, 'b')
    const other = await open(site, framework, sceneOf(counter(), words('b')))
    const session = await page.context().newCDPSession(page)
    await session.send('Page.setWebLifecycleState', { state: 'frozen' })
    await add(other, 3)
    await add(other, 2, 'b')
    await isSaved(other)
    await isSaved(other, 'b')
    await session.send('Page.setWebLifecycleState', { state: 'active' })
    await shows(page, 3)
    await shows(page, (await output(other, 'Value', 'b').textContent())!, 'b')
    await add(page)
    await shows(other, 4)
  })
})

describe.each(FRAMEWORKS)('a page in %s that one leaves and comes back to', (framework) => {
  test('shows what was done meanwhile, when the browser kept it', async ({ startSite, open }) => {
    const site = await startSite()
    const page = await open(site, framework, sceneOf(counter()))
    for (let n = 1; n <= 4; n += 2) {
      await isLive(page)
      await poll(() => openLive(site)).toHaveLength(1)
      const [first] = openLive(site)
      await putAside(page, async () => {
        // It holds no connection, which would keep a browser from keeping the page.
        await poll(() => first!.isOpen).toBe(false)
        await store(site, n)
      })
      await shows(page, n)
      await add(page)
      await shows(page, n + 1)
      await isSaved(page)
    }
  })

  test('shows what was done meanwhile, by the buttons of the browser', async ({
    startSite,
    open,
  }) => {
    const site = await startSite()
    const page = await open(site, framework, sceneOf(counter()))
    await add(page, 3)
    await isSaved(page)
    await page.goto('about:blank')
    await poll(() => openLive(site)).toHaveLength(0)
    await store(site, 10)
    await page.goBack()
    await shows(page, 10)
    await add(page)
    await shows(page, 11)
    await page.goForward()
    await poll(() => openLive(site)).toHaveLength(0)
    await store(site, 20)
    await page.goBack()
    await shows(page, 20)
  })
})

describe.each(FRAMEWORKS)('a page in %s that is loaded again', (framework) => {
  test('shows the state, and never less than was there', async ({ startSite, open }) => {
    const site = await startSite()
    const page = await open(site, framework, sceneOf(counter(), words('b')))
    await add(page, 5)
    await add(page, 2, 'b')
    await isSaved(page)
    await isSaved(page, 'b')
    const said = (await output(page, 'Value', 'b').textContent())!
    for (let n = 0; n < 3; n++) {
      await page.reload()
      await shows(page, 5)
      await shows(page, said, 'b')
      // The initial value while it is read, and then all of it: never a part of the history.
      const shown = await page.evaluate(() => window.shown)
      expect(new Set(shown)).toEqual(new Set(['a=0', 'a=5', 'b=', `b=${said}`]))
    }
    await add(page)
    await shows(page, 6)
  })

  test('over and over leaves no connection behind', async ({ startSite, open }) => {
    const site = await startSite()
    const page = await open(site, framework, sceneOf(counter()))
    await add(page, 5)
    await isSaved(page)
    for (let n = 0; n < 8; n++) await page.reload()
    await shows(page, 5)
    await isLive(page)
    await poll(() => openLive(site)).toHaveLength(1)
  })
})
