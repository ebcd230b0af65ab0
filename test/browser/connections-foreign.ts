import { once } from 'node:events'
import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { DurableStreamTestServer } from '@durable-streams/server'
import type { ServeStreams } from './connections-site.ts'

/** A server that knows the protocol and none of our extensions, behind a site's own origin. */
export interface ForeignServer {
  serve: ServeStreams
  close: () => Promise<void>
}

export async function startForeignServer(): Promise<ForeignServer> {
  const server = new DurableStreamTestServer({ port: 0 })
  const origin = await server.start()
  // As many connections as there are requests: whoever waits, waits for the browser.
  const agent = new Agent({ keepAlive: true })
  return {
    serve: (req, res) => void pass(new URL(req.url!, origin), agent, req, res),
    async close() {
      agent.destroy()
      await server.stop()
    },
  }
}

async function pass(
  url: URL,
  agent: Agent,
  req: IncomingMessage,
  res: ServerResponse,
): Promise<void> {
  const asked = request(url, { agent, method: req.method!, headers: req.headers })
  res.on('close', () => asked.destroy())
  // Either side may leave at any time.
  asked.on('error', () => res.destroy())
  req.pipe(asked)
  const answered = once(asked, 'response') as Promise<[IncomingMessage]>
  const [answer] = await answered.catch(() => [])
  if (!answer) return
  answer.on('error', () => res.destroy())
  res.writeHead(answer.statusCode!, answer.headers)
  res.flushHeaders()
  answer.pipe(res)
}
