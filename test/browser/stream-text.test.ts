import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { DurableStream } from '../../src/core/index.ts'
import type * as streamText from '../../src/state/stream-text/index.ts'
import { bundle, type Scripts } from './bundle.ts'
import { poll, test as base } from './client-page.ts'
import type { ClientSite } from './client-site.ts'

interface TextPage {
  text: streamText.StreamText
  /** What this load of the page has shown, the kept text first. */
  shown: string[]
}

interface Answer {
  site: ClientSite
  page: Page
  stream: DurableStream<string>
}

const test = base.extend<{ scripts: Scripts; answer: Answer }>({
  scripts: [
    // In place of the client, so that each page has it when it is loaded.
    ({}, provide) => bundle({ streamwell: 'src/state/stream-text/index.ts' }).then(provide),
    { scope: 'file' },
  ],
  answer: async ({ startSite, open, scripts }, provide) => {
    const site = await startSite({}, scripts)
    const url = `${site.streams}/answers/1`
    const stream = await DurableStream.create<string>({ url, contentType: 'text/plain' })
    await provide({ site, stream, page: await open(site, showAnswer) })
  },
})

/** Runs in each load of the page. */
async function showAnswer(): Promise<void> {
  const { createStreamText } = window.streamwell as unknown as typeof streamText
  const text = createStreamText('/v1/stream/answers/1')
  const shown: string[] = []
  const look = (): void => {
    const now = text.getSnapshot().text
    if (shown.at(-1) !== now) shown.push(now)
  }
  look()
  text.subscribe(look)
  Object.assign(globalThis, { text, shown })
}

const shownIn = (page: Page): Promise<string[]> =>
  page.evaluate(() => (window as unknown as TextPage).shown)

const textIn = async (page: Page): Promise<string> => (await shownIn(page)).at(-1)!

const isDone = (page: Page): Promise<boolean> =>
  page.evaluate(() => (window as unknown as TextPage).text.getSnapshot().isDone)

/** Waits until a page shows all that is written. */
const showsAll = (page: Page, text: string): Promise<void> => poll(() => textIn(page)).toBe(text)

/** A model that says its tokens, each of them once. */
function createModel(stream: DurableStream<string>) {
  let said = ''
  let count = 0
  return {
    said: () => said,
    async say(tokens: number) {
      for (let n = 0; n < tokens; n++) {
        const token = `${count++} €😀 `
        said += token
        await stream.append(token)
      }
    },
  }
}

/** Never a token too many, none too few, and none taken back. */
function expectNothingTwice(shown: readonly string[], all: string): void {
  for (const [at, text] of shown.entries()) {
    expect(all.startsWith(text)).toBe(true)
    expect(text.startsWith(shown[at - 1] ?? '')).toBe(true)
  }
}

test('an answer goes on where it was when its page is loaded again in the midst of it', async ({
  answer: { site, page, stream },
}) => {
  const model = createModel(stream)
  const pages: string[][] = []
  await model.say(50)
  await showsAll(page, model.said())

  for (let load = 0; load < 3; load++) {
    const before = await textIn(page)
    pages.push(await shownIn(page))
    const asked = site.seen.length
    // The model does not wait for the page.
    await Promise.all([model.say(100), page.reload()])
    await page.waitForFunction(() => 'shown' in window)
    // There at once, with all that was seen before.
    const [kept] = await shownIn(page)
    expect(kept!.startsWith(before)).toBe(true)
    await showsAll(page, model.said())
    const offsets = site.seen.slice(asked).map(({ method, offset }) => method === 'GET' && offset)
    expect(offsets).not.toContain('-1')
  }

  await stream.close('The end.')
  const all = `${model.said()}The end.`
  await showsAll(page, all)
  await poll(() => isDone(page)).toBe(true)
  pages.push(await shownIn(page))
  for (const shown of pages) expectNothingTwice(shown, all)

  const asked = site.seen.length
  await page.reload()
  await page.waitForFunction(() => 'shown' in window)
  expect(await shownIn(page)).toEqual([all])
  expect(site.seen.slice(asked)).toEqual([])
})

test('an answer goes on when its page is left and come back to', async ({
  answer: { page, stream },
}) => {
  const model = createModel(stream)
  await model.say(20)
  await showsAll(page, model.said())
  await page.goto('about:blank')
  await model.say(20)
  await page.goBack()
  await page.waitForFunction(() => 'shown' in window)
  await stream.close('The end.')
  const all = `${model.said()}The end.`
  await showsAll(page, all)
  expectNothingTwice(await shownIn(page), all)
})
