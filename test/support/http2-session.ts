import { connect, createServer, type ClientHttp2Session } from 'node:http2'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import { createNodeHandler, type HandlerOptions } from '../../dev-server/index.ts'

/** A connection to our handler in an HTTP/2 server, as Vite has one when it serves HTTPS. */
export async function openHttp2Session(options: HandlerOptions = {}): Promise<ClientHttp2Session> {
  const handler = createNodeHandler(options)
  const server = createServer((req, res) => {
    void handler.handle(req as unknown as IncomingMessage, res as unknown as ServerResponse)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  onTestFinished(async () => {
    session.destroy()
    server.close()
    await handler.close()
  })
  return session
}
