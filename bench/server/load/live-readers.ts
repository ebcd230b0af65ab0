import { connect, type Connection } from '../../harness/connection.ts'
import { clockUs, createMessageScanner } from '../../harness/message.ts'
import { headerOf, readRequest } from './request.ts'
import { createOrderCheck } from './verify.ts'

/** Many live readers of one stream. */
export interface LiveReaders {
  /** Milliseconds from sending to arrival, of each message at each reader. */
  readonly latenciesMs: number[]
  /** Resolves once each reader has had `count` messages, or after `maxMs`. */
  received(count: number, maxMs: number): Promise<boolean>
  /** How many messages each reader has had. */
  readonly counts: readonly number[]
  close(): void
}

/** Connects so many at a time: a burst of all would overflow the server's queue of connections. */
const AT_ONCE = 100

/** Follows a stream by SSE from `offset`; resolves once every reader has been answered. */
export function sseReaders(url: string, count: number, offset: string): Promise<LiveReaders> {
  return liveReaders(count, async (tally) => {
    const connection = await connect(url)
    const scan = createMessageScanner(tally)
    await new Promise<void>((resolve, reject) => {
      connection.send(readRequest(url, { live: 'sse', offset }), {
        head(status, head) {
          if (status === 200) resolve()
          else reject(new Error(`GET ${url} was answered: ${head()}`))
        },
        body: scan,
        end: () => undefined,
      })
    })
    return connection
  })
}

/** Follows a stream from `offset` by long-polls; resolves once all have asked. */
export function longPollReaders(url: string, count: number, offset: string): Promise<LiveReaders> {
  return liveReaders(count, async (tally) => {
    const connection = await connect(url)
    poll(connection, url, offset, createMessageScanner(tally))
    return connection
  })
}

function poll(connection: Connection, url: string, first: string, scan: (b: Buffer) => void): void {
  const { host, pathname } = new URL(url)
  let offset = first
  let cursor = ''
  const ask = (): void => {
    const query = `${cursor && `cursor=${cursor}&`}live=long-poll&offset=${offset}`
    connection.send(`GET ${pathname}?${query} HTTP/1.1\r\nHost: ${host}\r\n\r\n`, sink)
  }
  const sink = {
    head(status: number, head: () => string) {
      const text = head()
      if (status !== 200 && status !== 204) throw new Error(`GET ${url} was answered: ${text}`)
      offset = headerOf(text, 'stream-next-offset') ?? offset
      cursor = headerOf(text, 'stream-cursor') ?? cursor
    },
    body: scan,
    end: ask,
  }
  ask()
}

async function liveReaders(
  count: number,
  open: (tally: Parameters<typeof createMessageScanner>[0]) => Promise<Connection>,
): Promise<LiveReaders> {
  const latenciesMs: number[] = []
  const counts: number[] = []
  const connections: Connection[] = []
  for (let i = 0; i < count; i += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - i) }, (_, j) => openOne(i + j))
    connections.push(...(await Promise.all(some)))
  }

  return {
    latenciesMs,
    counts,
    async received(wanted, maxMs) {
      const deadline = performance.now() + maxMs
      while (counts.some((had) => had < wanted)) {
        if (performance.now() > deadline) return false
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      return true
    },
    close() {
      for (const connection of connections) connection.close()
    },
  }

  function openOne(reader: number): Promise<Connection> {
    counts[reader] = 0
    const check = createOrderCheck()
    return open((message) => {
      check.see(message)
      counts[reader]!++
      latenciesMs.push((clockUs() - message.sentUs) / 1000)
    })
  }
}
