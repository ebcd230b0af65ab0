import { expect, it } from 'vitest'
import { DEFAULT_BACKOFF } from '../src/core/backoff.ts'
import { DurableStream } from '../src/core/index.ts'
import { codeBlocksOf, readPage } from './support/markdown.ts'
import { runBlock, runProgram } from './support/run-block.ts'
import { startServer } from './support/server.ts'

const FILE = 'docs/client.md'
const blocks = codeBlocksOf(FILE, readPage(FILE))

function exampleWith(text: string) {
  const [block, second] = blocks.filter(({ code }) => code.includes(text))
  if (!block || second) throw new Error(`${FILE} has not exactly one example with ${text}`)
  return block
}

/** A server, and what an example says on it. */
async function startReader() {
  const { url } = await startServer()
  const told: unknown[][] = []
  const globals = { console: { log: (...values: unknown[]) => told.push(values) } }
  const replace = { 'https://example.com/v1/stream': url }
  const run = (text: string, options = {}, more = {}): Promise<void> =>
    runProgram(exampleWith(text), {
      globals: { ...globals, ...options },
      replace: { ...replace, ...more },
    })
  return { url, told, run }
}

const ids = ['o1', 'o2', 'o3', 'o4']

it('who writes, reads and follows by the page gets what it says', async () => {
  const { url, told, run } = await startReader()
  await run('orders.appendAll([')
  const stream = new DurableStream<{ id: string }>({ url: `${url}/orders` })
  const response = await stream.stream()
  expect((await response.json()).map(({ id }) => id)).toEqual(ids)
  expect(await stream.head()).toMatchObject({ closed: true, offset: response.offset })
  expect((await stream.read({ offset: String(told[0]![0]) })).data.length).toBeGreaterThan(0)

  await run('only what is new since then')
  const [orders, newer] = told[1] as [{ id: string }[], unknown[]]
  expect(orders.map(({ id }) => id)).toEqual(ids)
  expect(newer).toEqual([])

  const saved: unknown[] = []
  const save = async (items: unknown[]): Promise<void> => void saved.push(...items)
  await run('response.subscribeJson(async', { save })
  await run('orders.follow({', { save })
  expect(saved).toEqual([])
  expect(told.at(-1)).toEqual(['nothing more for now'])
})

it('conditions of a write, and pipes, hold as the page says', async () => {
  const { url, run } = await startReader()
  const log = await DurableStream.create({ url: `${url}/log`, contentType: 'text/plain' })
  await run("{ seq: '0042' }")
  await expect(run("{ seq: '0042' }")).rejects.toMatchObject({ name: 'SeqConflictError' })
  const { keep, keepResponse } = runBlock<{
    keep: (lines: Iterable<string>, options: object) => Promise<unknown>
    keepResponse: (response: Response) => Promise<void>
  }>(exampleWith('pipeTo(log.writable'), { replace: { 'https://example.com/v1/stream': url } })
  await keep(['a\n', 'b\n'], {})
  await keepResponse(new Response('c\n'))
  expect((await (await log.stream({ live: false })).text()).split('\n').slice(-4)).toEqual([
    'a',
    'b',
    'c',
    '',
  ])
  expect(await log.head()).toMatchObject({ closed: true })
})

it('a producer writes all that the page gives it, in order', async () => {
  const { url, told, run } = await startReader()
  const contentType = 'application/json'
  const numbers = await DurableStream.create<{ n: number }>({ url: `${url}/numbers`, contentType })
  await run("'import-7'", {}, { '1_000_000': '50_000' })
  expect(told).toEqual([[0, 0]])
  let count = 0
  for await (const { items } of numbers.follow({ live: false })) {
    for (const { n } of items) if (n === count) count++
  }
  expect(count).toBe(50_000)
})

it('streams are made, forked and removed as the page says', async () => {
  const { url, run } = await startReader()
  const chat = `${url}/chats/1`
  await DurableStream.create({ url: chat, contentType: 'application/json', body: [{ text: 'Hi' }] })
  await run('-retold')
  await expect(DurableStream.head({ url: chat })).rejects.toMatchObject({ code: 'gone' })
  const retold = await new DurableStream({ url: `${chat}-retold` }).stream({ live: false })
  expect(await retold.json()).toEqual([{ text: 'Hi' }])
  const report = await new DurableStream({ url: `${url}/reports/7` }).stream()
  expect(await report.text()).toBe('# Report 7')
  expect(report.streamClosed).toBe(true)
})

it('tries are told with the numbers that the client has', () => {
  const page = readPage(FILE)
  const rows = Object.entries(DEFAULT_BACKOFF).map(([field, value]) => {
    const told = new RegExp(`^\\| \`${field}\` .* ([\\d,]+) +\\|$`, 'm').exec(page)?.[1]
    return [field, Number(told?.replaceAll(',', '')), value] as const
  })
  for (const [field, told, value] of rows) expect([field, told]).toEqual([field, value])
})
