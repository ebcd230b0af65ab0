import { expect, it, onTestFinished } from 'vitest'
import { DurableStream, type EndpointOptions, stream } from '../../src/core/index.ts'
import { eventually } from '../support/eventually.ts'
import { readsLive } from '../support/live-reads.ts'
import { createStream, post, startServer } from '../support/server.ts'

type Connection = EndpointOptions['connection']

/** Three streams of a server, and which live reads of them are under way. */
async function startStreams(): Promise<{
  urls: string[]
  fetch: typeof fetch
  open: () => string[]
}> {
  const { url } = await startServer()
  const urls = await Promise.all(['a', 'b', 'c/d'].map((path) => createStream(url, { path })))
  const open = new Set<{ what: string }>()
  return {
    urls,
    open: () => [...open].map(({ what }) => what).toSorted(),
    fetch: (input, init) => {
      const { pathname } = new URL(String(input))
      if (readsLive(input)) {
        const read = { what: `${init?.method} ${pathname.replace('/v1/stream/', '')}` }
        open.add(read)
        init?.signal?.addEventListener('abort', () => open.delete(read))
      }
      return fetch(input, init)
    },
  }
}

/** Follows them all, and gives what comes. */
async function followAll(
  urls: readonly string[],
  options: Omit<EndpointOptions, 'url'>,
): Promise<unknown[]> {
  const items: unknown[] = []
  const responses = await Promise.all(urls.map((url) => stream({ url, ...options })))
  for (const response of responses) {
    onTestFinished(() => response.cancel())
    response.subscribeJson((arrival) => void items.push(...arrival.items))
  }
  return items
}

async function writeAll(urls: readonly string[]): Promise<void> {
  for (const [n, url] of urls.entries()) await post(url, String(n))
}

it.each([undefined, 'browser', 'page'] satisfies Connection[])(
  'a program reads all streams of a server over one connection (connection: %s)',
  async (connection) => {
    const { urls, fetch, open } = await startStreams()
    const items = await followAll(urls, { fetch, connection })
    await eventually(() => expect(open()).toEqual(['POST __ds/live']))
    await writeAll(urls)
    await eventually(() => expect(items.toSorted()).toEqual([0, 1, 2]))
    expect(open()).toEqual(['POST __ds/live'])
  },
)

it('a stream that is to share none has a connection of its own', async () => {
  const { urls, fetch, open } = await startStreams()
  const items = await followAll(urls, { fetch, connection: 'stream' })
  await eventually(() => expect(open()).toEqual(['GET a', 'GET b', 'GET c/d']))
  await writeAll(urls)
  await eventually(() => expect(items.toSorted()).toEqual([0, 1, 2]))
})

it('one that is to share none leaves the others their one', async () => {
  const { urls, fetch, open } = await startStreams()
  await followAll(urls.slice(0, 2), { fetch })
  await followAll(urls.slice(2), { fetch, connection: 'stream' })
  await eventually(() => expect(open()).toEqual(['GET c/d', 'POST __ds/live']))
})

it('a fork reads as the stream does that it was made of', async () => {
  const { urls, fetch, open } = await startStreams()
  const [url] = urls as [string]
  const fork = await new DurableStream({ url, fetch, connection: 'stream' }).fork(`${url}-fork`)
  const response = await fork.stream()
  onTestFinished(() => response.cancel())
  response.subscribeJson(() => {})
  await eventually(() => expect(open()).toEqual(['GET a-fork']))
})

it('a way to share that there is not is refused in words', async () => {
  const { urls, fetch } = await startStreams()
  const connection = 'tab' as never
  const response = await stream({ url: urls[0]!, fetch, connection })
  response.subscribeJson(() => {})
  await expect(response.closed).rejects.toMatchObject({
    name: 'StreamError',
    code: 'invalid',
    message: expect.stringMatching(/connection is "tab".*'browser', 'page' or 'stream'/),
  })
})
