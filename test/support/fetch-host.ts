import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

type Fetch = (request: Request) => Promise<Response>

/** A host such as Bun or Deno are, around a function from `Request` to `Response`. */
export async function startFetchHost(
  fetch: Fetch,
): Promise<{ origin: string; stop: () => Promise<void> }> {
  const server = createServer((req, res) => void answer(fetch, req, res))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    origin: `http://127.0.0.1:${port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(fetch: Fetch, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const left = new AbortController()
  res.on('close', () => left.abort())
  const response = await fetch(toRequest(req, left.signal))
  res.writeHead(response.status, [...response.headers].flat())
  // Who hangs up in the middle ends the pipe, and need not be told.
  if (response.body) await pipeline(Readable.fromWeb(response.body as never), res).catch(() => {})
  else res.end()
}

function toRequest(req: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers()
  for (let i = 0; i < req.rawHeaders.length; i += 2) {
    headers.append(req.rawHeaders[i]!, req.rawHeaders[i + 1]!)
  }
  const method = req.method!
  const body = method === 'GET' || method === 'HEAD' ? null : (Readable.toWeb(req) as BodyInit)
  const url = new URL(req.url!, `http://${req.headers.host}`)
  return new Request(url, { method, headers, body, signal, duplex: 'half' } as RequestInit)
}
