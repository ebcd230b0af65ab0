import type { Page } from 'playwright-core'
import ts from 'typescript'
import { expect } from 'vitest'
import { DurableStream } from '../../src/core/index.ts'
import { EXAMPLE_URL, recipeWith } from '../support/recipe.ts'
import { withReplaced } from '../support/run-block.ts'
import type { ClientSite } from './client-site.ts'
import { openLive, test } from './client-page.ts'

const contentType = 'application/json'

/** That recipe as a script of the site, beside its pages; `use` is JavaScript at its end. */
function script(text: string, use = ''): string {
  const { code } = recipeWith(text)
  const local = withReplaced(code, { "'streamwell'": "'/streamwell.js'" })
  const { outputText } = ts.transpileModule(local.replaceAll(EXAMPLE_URL, '/v1/stream'), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  })
  return outputText + use
}

const create = <Item>(site: ClientSite, path: string): Promise<DurableStream<Item>> =>
  DurableStream.create<Item>({ url: `${site.streams}/${path}`, contentType })

declare global {
  interface Window {
    shown: string[]
    totals: unknown
    ended: string | undefined
  }
}

const shown = (page: Page): Promise<string[]> => page.evaluate(() => window.shown)

test('a worker reads for its page', async ({ startSite, open }) => {
  const scripts = { '/orders-worker.js': script('self.postMessage(totals)') }
  const site = await startSite({}, scripts)
  const orders = await create(site, 'orders')
  await orders.append({ customer: 'ada', total: 3 })
  const page = await open(site)
  await page.evaluate(() => {
    const worker = new Worker('/orders-worker.js', { type: 'module' })
    worker.onmessage = ({ data }) => (window.totals = data)
  })
  const totals = (): Promise<unknown> => page.evaluate(() => window.totals)
  await expect.poll(totals).toEqual({ ada: 3 })
  await orders.appendAll([
    { customer: 'bob', total: 1 },
    { customer: 'ada', total: 4 },
  ])
  await expect.poll(totals).toEqual({ ada: 7, bob: 1 })
})

test('a service worker reads what is new each time it is woken', async ({ startSite, open }) => {
  const scripts = { '/service-worker.js': script('readNews()') }
  const site = await startSite({}, scripts)
  const news = await create(site, 'news')
  const page = await open(site)
  await page.evaluate(async () => {
    await navigator.serviceWorker.register('/service-worker.js', { type: 'module' })
  })
  const wake = (): Promise<string[] | undefined> =>
    page.evaluate(async () => {
      const { active } = await navigator.serviceWorker.ready
      active!.postMessage('wake', [])
      const cache = await caches.open('news')
      const saved = await (await cache.match('/news'))?.json()
      return saved?.news.map(({ title }: { title: string }) => title)
    })
  await news.append({ title: 'One' })
  await expect.poll(wake).toEqual(['One'])
  await wake()
  await news.append({ title: 'Two' })
  await expect.poll(wake).toEqual(['One', 'Two'])
  await expect.poll(wake).toEqual(['One', 'Two'])
})

test('an answer goes on where it was when its page is loaded again', async ({
  startSite,
  open,
}) => {
  const use = `
    window.shown = []
    watchAnswer('a1', (text) => shown.push(text)).then((end) => (window.ended = end))`
  const site = await startSite({}, { '/answer.js': script('watchAnswer(', use) })
  const answer = await create(site, 'answers/a1')
  const page = await open(site)
  const run = (): Promise<unknown> => page.addScriptTag({ url: '/answer.js', type: 'module' })
  await run()
  await answer.append({ text: 'Once upon' })
  await expect.poll(() => shown(page)).toContain('Once upon')
  await page.reload()
  await run()
  await answer.append({ text: ' a time' })
  await expect.poll(() => shown(page)).toContain('Once upon a time')
  expect((await shown(page))[0]).toBe('Once upon')
  await answer.close({ end: 'finished' })
  await expect.poll(() => page.evaluate(() => window.ended)).toBe('finished')
  expect((await shown(page)).at(-1)).toBe('Once upon a time')
})

test('many tabs follow together over one connection, also when the one that has it is closed', async ({
  startSite,
  open,
}) => {
  const use = `
    window.shown = []
    followTogether(({ id }) => shown.push(id), new AbortController().signal)`
  const site = await startSite({}, { '/together.js': script('followTogether(', use) })
  const orders = await create(site, 'orders')
  await orders.append({ id: 'o1' })
  const first = await open(site)
  const tabs = [first]
  for (let i = 0; i < 2; i++) {
    const tab = await first.context().newPage()
    await tab.goto(site.url)
    tabs.push(tab)
  }
  for (const tab of tabs) await tab.addScriptTag({ url: '/together.js', type: 'module' })
  const expectAll = async (ids: string[]): Promise<void> => {
    for (const tab of tabs) await expect.poll(() => shown(tab)).toEqual(ids)
  }
  await expectAll(['o1'])
  await expect.poll(() => openLive(site).length).toBe(1)
  await orders.append({ id: 'o2' })
  await expectAll(['o1', 'o2'])
  await expect.poll(() => openLive(site).length).toBe(1)

  await tabs.shift()!.close()
  await orders.append({ id: 'o3' })
  await expectAll(['o1', 'o2', 'o3'])
  await expect.poll(() => openLive(site).length).toBe(1)
})
