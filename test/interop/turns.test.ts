import { setMaxListeners } from 'node:events'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { DurableStream, stream } from '../../src/core/index.ts'
import { joinBytes } from '../../src/core/decode.ts'
import { createTurns } from '../../src/core/live/turns.ts'
import { setLiveFetch } from '../../src/core/live.ts'
import { eventually } from '../support/eventually.ts'
import { SERVERS } from '../support/servers.ts'

afterEach(() => setLiveFetch(({ target, init, send }) => send(target, init)))

/** Live reads take turns. @returns the most requests that were under way at once. */
function takeTurns(): () => number {
  const turns = createTurns(() => true)
  let underWay = 0
  let most = 0
  const send: typeof fetch = async (input, init) => {
    most = Math.max(most, ++underWay)
    init!.signal!.addEventListener('abort', () => void underWay--, { once: true })
    return fetch(input, init)
  }
  setLiveFetch((request) => turns({ ...request, send }))
  return () => most
}

describe.each(SERVERS)('live reads that take turns on $name', ({ start }) => {
  it('see all of twenty streams over four connections', async () => {
    const url = await start()
    const most = takeTurns()
    const controller = new AbortController()
    setMaxListeners(0, controller.signal)
    onTestFinished(() => controller.abort())
    const writers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        DurableStream.create<number>({ url: `${url}/room-${n}`, contentType: 'application/json' }),
      ),
    )
    const seen = await Promise.all(
      writers.map(async (writer, n) => {
        const items: number[] = []
        const live = n % 4 ? true : 'long-poll'
        const response = await writer.stream({ live, signal: controller.signal })
        response.subscribeJson((batch) => void items.push(...batch.items))
        return items
      }),
    )
    for (let n = 0; n < 5; n++) {
      await Promise.all(writers.map((writer) => writer.append(n)))
      await eventually(() =>
        expect(seen).toEqual(seen.map(() => Array.from({ length: n + 1 }, (_, i) => i))),
      )
    }

    expect(most()).toBe(4)
  })

  it('keep text and bytes as they are, and end with their streams', async () => {
    const url = await start()
    takeTurns()
    const bytes = Uint8Array.from({ length: 3000 }, (_, n) => n % 256)
    const emoji = new TextEncoder().encode('a🙂é')
    const types = ['application/octet-stream', 'text/plain'] as const
    const streams = await Promise.all(
      Array.from({ length: 8 }, async (_, n) => {
        const contentType = types[n % 2]!
        const writer = await DurableStream.create({ url: `${url}/mixed-${n}`, contentType })
        const isText = contentType === 'text/plain'
        const response = await stream({ url: `${url}/mixed-${n}`, live: true })
        const pieces: Uint8Array[] = []
        let text = ''
        if (isText) response.subscribeText((batch) => void (text += batch.text))
        else response.subscribeBytes((batch) => void pieces.push(batch.data))
        const read = response.closed.then(() => (isText ? text : joinBytes(pieces)))
        return { writer, contentType, read }
      }),
    )
    for (let n = 0; n < 3; n++) {
      for (const { writer, contentType } of streams) {
        const isText = contentType === 'text/plain'
        const piece = isText
          ? emoji.subarray([0, 1, 5][n], [1, 5, 7][n])
          : bytes.subarray(n * 1000, n * 1000 + 1000)
        await writer.append(piece)
      }
    }
    for (const { writer } of streams) await writer.close()

    for (const { contentType, read } of streams) {
      expect(await read).toEqual(contentType === 'text/plain' ? 'a🙂é' : bytes)
    }
  })

  it('are told of a stream that is deleted, while the others go on', async () => {
    const url = await start()
    takeTurns()
    const controller = new AbortController()
    onTestFinished(() => controller.abort())
    const writers = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        DurableStream.create<number>({ url: `${url}/kept-${n}`, contentType: 'application/json' }),
      ),
    )
    const { signal } = controller
    const responses = await Promise.all(writers.map((writer) => writer.stream({ signal })))
    const ends = responses.map((response) => response.closed.catch((error: unknown) => error))
    const seen = responses.map((response): number[] => {
      const items: number[] = []
      response.subscribeJson((batch) => void items.push(...batch.items))
      return items
    })
    await DurableStream.delete({ url: `${url}/kept-7` })
    expect(await ends[7]).toMatchObject({ code: expect.stringMatching(/not-found|gone/) as string })
    await Promise.all(writers.slice(0, 7).map((writer) => writer.append(1)))

    await eventually(() => expect(seen.slice(0, 7)).toEqual(Array.from({ length: 7 }, () => [1])))
  })
})
