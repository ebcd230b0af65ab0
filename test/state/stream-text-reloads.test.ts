import fc from 'fast-check'
import { expect, it, onTestFinished, vi } from 'vitest'
import { DurableStream } from '../../src/core/index.ts'
import { startCuttableProxy } from '../support/cuttable-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { openTab, type TextPage } from './text-pages.ts'

vi.setConfig({ testTimeout: 180_000 })

type Step =
  | { kind: 'write'; bytes: number }
  /** The server gets it, and the page may or may not have seen it when the next step is done. */
  | { kind: 'look' }
  | { kind: 'reload' | 'crash' | 'cut' | 'outage' | 'stop' | 'leave' }

const write = fc.record({
  kind: fc.constant('write' as const),
  bytes: fc.integer({ min: 1, max: 9 }),
})
const event = fc.record({
  kind: fc.constantFrom('look', 'reload', 'crash', 'cut', 'outage', 'stop', 'leave'),
}) as fc.Arbitrary<Step>
const steps = fc.array(fc.oneof({ weight: 3, arbitrary: write }, event), { maxLength: 14 })

/** Server-sent events end a line where a CR is, so that is the one character that may come as another. */
const words = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
  .map((text) => text.replaceAll('\r', ''))

interface World {
  url: string
  answer: DurableStream<string>
  proxy: Awaited<ReturnType<typeof startCuttableProxy>>
}

/** What a text stream is written in: bytes, wherever they are cut, or whole items. */
const WRITERS = [
  {
    name: 'text, cut anywhere',
    contentType: 'text/plain',
    pieces: (text: string) => [...new TextEncoder().encode(text)].map((byte) => [byte]),
    append: (answer: DurableStream<string>, pieces: unknown[]) =>
      answer.append(Uint8Array.from(pieces.flat() as number[])),
  },
  {
    name: 'items of JSON',
    contentType: 'application/json',
    // Halves of surrogate pairs too.
    pieces: (text: string) => text.split(''),
    append: (answer: DurableStream<string>, pieces: unknown[]) =>
      answer.appendAll(pieces.map((piece) => JSON.stringify({ text: piece }))),
  },
] as const

async function play(
  world: World,
  text: string,
  plan: readonly Step[],
  writer: (typeof WRITERS)[number],
) {
  const pieces: unknown[] = writer.pieces(text)
  const tab = openTab({ url: world.url })
  const pages: TextPage[] = [tab.load()]
  const page = (): TextPage => pages.at(-1)!
  let unsubscribe = (): void => {}

  async function take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'write': {
        const some = pieces.splice(0, step.bytes)
        if (some.length > 0) await writer.append(world.answer, some)
        return
      }
      case 'look':
        return eventually(() => expect(page().text.getSnapshot().status.kind).toBe('live'))
      case 'reload':
      case 'crash':
        if (step.kind === 'reload') page().unload()
        page().kill()
        pages.push(tab.load())
        return
      case 'cut':
        return void world.proxy.cutAll()
      case 'outage':
        world.proxy.setOffline(true)
        await new Promise((resolve) => setTimeout(resolve, 5))
        return world.proxy.setOffline(false)
      case 'stop':
        page().text.stop()
        return page().text.resume()
      case 'leave':
        page().leave()
        unsubscribe()
        unsubscribe = page().text.subscribe(() => {})
        return
      default:
        return step satisfies never
    }
  }

  for (const step of plan) await take(step)
  if (pieces.length > 0) await writer.append(world.answer, pieces)
  await world.answer.close()
  await eventually(() => expect(page().text.getSnapshot().isDone).toBe(true))
  expect(page().text.getSnapshot().text).toBe(text)
  for (const { shown, kill, errors } of pages) {
    // Never a word too many, none too few, and never one taken back.
    for (const [at, now] of shown.entries()) {
      expect(text.startsWith(now)).toBe(true)
      expect(now.startsWith(shown[at - 1] ?? '')).toBe(true)
    }
    expect(errors).toEqual([])
    kill()
  }
  unsubscribe()
}

it.each(WRITERS)(
  'a text is whole, with nothing twice, whenever its page is loaded again or loses its network: $name',
  async (writer) => {
    const { url } = await startServer()
    const { port } = new URL(url)
    const proxy = await startCuttableProxy(Number(port))
    onTestFinished(() => proxy.close())
    let runs = 0
    const property = fc.asyncProperty(words, steps, async (text, plan) => {
      const path = `answers/${++runs}`
      const { contentType } = writer
      const answer = await DurableStream.create<string>({ url: `${url}/${path}`, contentType })
      const through = `${url.replace(port, String(proxy.port))}/${path}`
      await play({ url: through, answer, proxy }, text, plan, writer)
    })
    await fc.assert(property, { numRuns: 40, endOnFailure: true })
  },
)
