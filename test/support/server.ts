import { onTestFinished } from 'vitest'
import {
  createDurableStreamServer,
  type DurableStreamServer,
  type ServerOptions,
} from '../../dev-server/index.ts'

/** A server of the calling test, on a port of its own; stopped when the test ends. */
export async function startServer(
  options: ServerOptions = {},
): Promise<{ url: string; server: DurableStreamServer }> {
  const server = createDurableStreamServer({ port: 0, ...options })
  onTestFinished(() => server.stop())
  return { url: await server.start(), server }
}

/** Creates a stream below `url`, with what is sent as `init`, and gives its URL. */
export async function createStream(
  url: string,
  { path = 'a', contentType = 'application/json', ...init }: CreateInit = {},
): Promise<string> {
  const stream = `${url}/${path}`
  const { body, headers } = init
  const response = await fetch(stream, {
    method: 'PUT',
    headers: { 'content-type': contentType, ...headers },
    body: body ?? null,
  })
  if (response.status !== 201) throw new Error(`PUT ${stream} answered ${response.status}`)
  return stream
}

interface CreateInit {
  path?: string
  contentType?: string
  headers?: Record<string, string>
  body?: string | Uint8Array<ArrayBuffer>
}

/** POSTs `body` as JSON, or with the headers given. */
export function post(
  stream: string,
  body: string | Uint8Array<ArrayBuffer> | null,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): Promise<Response> {
  return fetch(stream, { method: 'POST', body, headers })
}
