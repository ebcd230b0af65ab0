import { expect, it, onTestFinished } from 'vitest'
import { createFetchHandler } from '../../dev-server/index.ts'
import { seededRandom } from '../support/hostile-requests.ts'
import { askMultiplexed, parseEvent, type NamedEvent } from '../support/multiplexed.ts'
import { createStream, post, startServer } from '../support/server.ts'

/** What there is to read: paths, offsets, and what was done to make the stream. */
const CASES: readonly [path: string, offset: string, make?: RequestInit][] = [
  ['json', '-1', { headers: { 'content-type': 'application/json' }, body: '[1,{"a":"\\n"},[]]' }],
  ['json', '0000000000000002'],
  ['json', '0000000000000001'],
  ['json', 'now'],
  ['json', '0000000000009999'],
  ['json', 'x'],
  ['empty', '-1', { headers: { 'content-type': 'application/json; charset=utf-8' } }],
  [
    'text',
    '-1',
    { headers: { 'content-type': 'text/plain' }, body: ' a\r\nb\rid: x\n\nevent: end\n' },
  ],
  [
    'half',
    '-1',
    { headers: { 'content-type': 'text/html' }, body: Uint8Array.of(0x61, 0xf0, 0x9f) },
  ],
  ['bytes', '-1', { headers: { 'content-type': 'image/png' }, body: Uint8Array.of(0, 10, 255) }],
  ['long', '-1', { headers: { 'content-type': 'text/plain' }, body: 'é'.repeat(100_000) }],
  [
    'closed',
    '-1',
    { headers: { 'content-type': 'text/plain', 'stream-closed': 'true' }, body: 'z' },
  ],
  ['shut', 'now', { headers: { 'content-type': 'a/b', 'stream-closed': 'true' } }],
  ['none', '-1'],
  ['caf%C3%A9/%2F', '-1', { headers: { 'content-type': 'text/plain' }, body: 'x' }],
]

/** Both doors; the clock stands still, so that cursors are equal. */
const now = (): number => Date.UTC(2030, 0, 1)

async function open(door: 'node' | 'fetch') {
  if (door === 'node') {
    const { url } = await startServer({ now })
    return { url, ask: (request: Request) => fetch(request) }
  }
  const handler = createFetchHandler({ now })
  onTestFinished(() => handler.close())
  return { url: 'http://a.example/v1/stream', ask: (request: Request) => handler.fetch(request) }
}

/** Data joined, for frames may be cut anywhere between messages, and the last control. */
function gist(events: readonly { event: string; data: string }[]): object {
  const data = events.filter(({ event }) => event === 'data').map((one) => one.data)
  const control = events.findLast(({ event }) => event === 'control')
  return { data: data.join(''), control: control && JSON.parse(control.data) }
}

/** What is said until the reader is up to date; of what is over, all of it. */
async function toldBy(response: Response): Promise<string> {
  let text = ''
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece
    if (text.includes('"upToDate":true}') && !text.includes('"streamClosed":true')) break
  }
  return text.replace(/^:\n\n/, '')
}

const parseAll = (text: string): NamedEvent[] => text.split('\n\n').slice(0, -1).map(parseEvent)

it.each(['node', 'fetch'] as const)(
  'every stream says what a read of it alone would say, through the door for %s',
  async (door) => {
    const { url, ask } = await open(door)
    for (const [path, , make] of CASES) {
      if (!make) continue
      const made = await ask(new Request(`${url}/${path}`, { method: 'PUT', ...make }))
      expect(made.status).toBe(201)
    }
    for (const [path, offset] of CASES) {
      const alone = await ask(new Request(`${url}/${path}?offset=${offset}&live=sse`))
      const said = await toldBy(alone)
      const response = await askMultiplexed(url, [{ path, offset }], { fetch: ask })
      const [first, ...events] = parseAll(await toldBy(response))
      expect([path, first!.event, first!.id]).toEqual([path, 'response', path])
      const { status, headers, body } = JSON.parse(first!.data)
      expect([path, offset, status]).toEqual([path, offset, alone.status])
      for (const [name, value] of Object.entries(headers)) {
        expect([path, name, value]).toEqual([path, name, alone.headers.get(name)])
      }
      const encoding = 'stream-sse-data-encoding'
      expect(headers[encoding] ?? null).toBe(alone.headers.get(encoding))
      if (status === 200) {
        const own = parseAll(said.replaceAll(/^event: \w+$/gm, `$&\nid: ${path}`))
        if (said.includes('"streamClosed"')) own.push({ event: 'end', id: path, data: '' })
        expect(gist(events)).toEqual(gist(own))
        expect(events.at(-1)!.event).toBe(own.at(-1)!.event)
      } else {
        expect(body).toEqual(JSON.parse(said))
        expect(events).toEqual([])
      }
    }
  },
)

it('who asks again from what was told, time after time and for other streams, misses nothing', async () => {
  const random = seededRandom(7)
  const pick = (count: number): number => Math.floor(random() * count)
  const { url } = await startServer()
  const paths = Array.from({ length: 12 }, (_, i) => `rooms/${i}`)
  const sent = new Map<string, number[]>(paths.map((path) => [path, []]))
  const got = new Map<string, number[]>(paths.map((path) => [path, []]))
  const offsets = new Map<string, string>(paths.map((path) => [path, '-1']))
  for (const path of paths) await createStream(url, { path })
  let count = 0
  const append = async (times: number): Promise<void> => {
    for (; times > 0; times--) {
      const path = paths[pick(paths.length)]!
      sent.get(path)!.push(count)
      await post(`${url}/${path}`, String(count++))
    }
  }

  for (let round = 0; round < 60; round++) {
    const isLast = round === 59
    const chosen = paths.filter(() => isLast || random() < 0.5)
    if (chosen.length === 0) continue
    const wanted = chosen.map((path) => ({ path, offset: offsets.get(path)! }))
    const left = new AbortController()
    const response = await askMultiplexed(url, wanted, { signal: left.signal })
    const writing = append(isLast ? 0 : pick(6))
    let waiting = isLast ? chosen.length : 1 + pick(chosen.length)
    let text = ''
    let data: { id: string; items: number[] } | undefined
    reading: for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
      text += piece
      const blocks = text.split('\n\n')
      text = blocks.pop()!
      for (const block of blocks) {
        if (block.startsWith(':')) continue
        const { event, id, data: lines } = parseEvent(block)
        if (event === 'data') data = { id, items: JSON.parse(lines) as number[] }
        if (event !== 'control') continue
        const { streamNextOffset, upToDate } = JSON.parse(lines) as Record<string, string>
        // Only what its offset belongs to has been read.
        if (data?.id === id) got.get(id)!.push(...data.items)
        data = undefined
        offsets.set(id, streamNextOffset!)
        if (upToDate && --waiting === 0) break reading
      }
    }
    left.abort()
    await writing
  }
  expect(Object.fromEntries(got)).toEqual(Object.fromEntries(sent))
})
