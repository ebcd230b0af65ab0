import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

/** One request that came in, to be answered as a test likes. */
export interface Exchange {
  /** Order among all requests, from 0. */
  count: number
  /** When it came, in milliseconds of `performance.now()`. */
  at: number
  method: string
  url: URL
  headers: IncomingHttpHeaders
  body: Buffer
  res: ServerResponse
  /** What the real server answers, its body not yet read. */
  open(): Promise<IncomingMessage>
  /** Answers as the real server does. */
  forward(): Promise<void>
}

export interface FaultyServer {
  /** Address of a stream, behind which `target`'s stream of the same path stands. */
  url: string
  /** All requests so far. */
  asked: Exchange[]
}

/**
 * A real HTTP server on a port of its own that behaves as badly as `behave` says, in front of the
 * stream at `target`, or of nothing. Ends with the calling test.
 */
export async function startFaultyServer(
  behave: (exchange: Exchange) => unknown,
  target = 'http://127.0.0.1:9/v1/stream/a',
): Promise<FaultyServer> {
  const asked: Exchange[] = []
  const server = createServer((req, res) => {
    const count = asked.length
    const at = performance.now()
    // A test that cuts a connection knows what it does.
    res.on('error', () => undefined)
    const exchange: Exchange = {
      count,
      at,
      method: req.method!,
      url: new URL(req.url!, target),
      headers: req.headers,
      body: Buffer.alloc(0),
      res,
      open: () => askTarget(exchange),
      forward: async () => answerAs(await askTarget(exchange), res),
    }
    asked.push(exchange)
    const answer = async (): Promise<void> => {
      exchange.body = await buffer(req)
      await behave(exchange)
    }
    answer().catch(() => res.socket?.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}${new URL(target).pathname}`, asked }
}

/** Breaks the connection off without a goodbye (TCP reset). */
export function reset(res: ServerResponse): void {
  res.socket?.resetAndDestroy()
}

/** Sends these bytes and nothing more for now; resolves when they are on their way. */
export function send(res: ServerResponse, bytes: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => res.write(bytes, () => resolve()))
}

async function askTarget({ method, url, headers, body, res }: Exchange): Promise<IncomingMessage> {
  const outgoing = request(url, { method, headers: { ...headers, host: url.host } })
  res.on('close', () => outgoing.destroy())
  outgoing.end(body)
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  return answer
}

async function answerAs(answer: IncomingMessage, res: ServerResponse): Promise<void> {
  res.writeHead(answer.statusCode!, answer.headers)
  res.flushHeaders()
  for await (const chunk of answer) await send(res, chunk as Buffer)
  res.end()
}
