import { DurableStream, stream, type LiveMode } from '@durable-streams/client'
import { expect, it, onTestFinished } from 'vitest'
import { openMultiplexed } from '../support/multiplexed.ts'
import { startServer } from '../support/server.ts'

const COUNT = 30

/** Follows a stream by a client that knows nothing of reading many at once. */
async function follow(url: string, live: LiveMode): Promise<number[]> {
  const left = new AbortController()
  onTestFinished(() => left.abort())
  const session = await stream<number>({ url, live, offset: '-1', signal: left.signal })
  session.closed.catch(() => undefined)
  return new Promise((resolve) => {
    const items: number[] = []
    session.subscribeJson((batch) => {
      items.push(...batch.items)
      if (items.length >= COUNT) resolve(items)
    })
  })
}

it.each<LiveMode>(['sse', 'long-poll'])(
  'who reads a stream by itself and who reads it among others get the same: %s',
  async (live) => {
    const { url } = await startServer()
    const paths = ['a', 'rooms/b', 'rooms/c']
    const streams = await Promise.all(
      paths.map((path) =>
        DurableStream.create({ url: `${url}/${path}`, contentType: 'application/json' }),
      ),
    )
    const wanted = paths.map((path) => ({ path, offset: '-1' }))
    const together = await openMultiplexed(url, wanted)
    const alone = paths.map((path) => follow(`${url}/${path}`, live))
    const sent = Array.from({ length: COUNT }, (_, n) => n)
    for (const n of sent) await Promise.all(streams.map((one) => one.append(String(n))))

    expect(await Promise.all(alone)).toEqual([sent, sent, sent])
    for (const path of paths) {
      const got: unknown[] = []
      while (got.length < COUNT) {
        const { data } = await together.read(path)
        for (const text of data) got.push(...(JSON.parse(text) as unknown[]))
      }
      expect(got).toEqual(sent)
    }
  },
)
