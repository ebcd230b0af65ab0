import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import {
  createNodeHandler,
  memoryStorage,
  type HandlerOptions,
  type NodeHandler,
  type StreamRecord,
} from '../../dev-server/index.ts'
import { createStream } from '../support/server.ts'

/** The handler within a server of the app's own, which answers other requests by itself. */
async function mount(
  options: HandlerOptions,
): Promise<{ origin: string; handler: NodeHandler; left: Promise<unknown> }> {
  const handler = createNodeHandler(options)
  const callers = new EventEmitter()
  const server = createServer((req, res) => {
    res.on('close', () => callers.emit('left'))
    void handler.handle(req, res, () => res.end('the app'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await handler.close()
  })
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { origin, handler, left: once(callers, 'left') }
}

it('leaves requests outside its prefix to the server that it is mounted in', async () => {
  const { origin } = await mount({ prefix: '/streams' })
  await createStream(`${origin}/streams`, { body: '1' })
  expect(await (await fetch(`${origin}/streams/a`)).json()).toEqual([1])
  for (const path of ['/', '/streamsaside', '/v1/stream/a']) {
    expect(await (await fetch(origin + path)).text()).toBe('the app')
  }
})

it('tells who comes after it was closed to come back', async () => {
  const { origin, handler } = await mount({})
  await createStream(`${origin}/v1/stream`)
  await handler.close()
  const answer = await fetch(`${origin}/v1/stream/a`)
  expect(answer.status).toBe(503)
  expect(answer.headers.get('retry-after')).toBe('1')
  expect(await (await fetch(origin)).text()).toBe('the app')
})

it('is not closed before the work of callers who left, which still needs the storage', async () => {
  const gate = new EventEmitter()
  const asked = once(gate, 'asked')
  const storage = memoryStorage()
  storage.read = async () => {
    gate.emit('asked')
    await once(gate, 'open')
    return undefined
  }
  const { origin, handler, left } = await mount({ storage })
  const controller = new AbortController()
  const read = fetch(`${origin}/v1/stream/a`, { signal: controller.signal })
  await asked
  controller.abort()
  await expect(read).rejects.toThrow('aborted')
  await left

  const closing = handler.close().then(() => 'closed')
  const soon = new Promise((resolve) => setImmediate(resolve, 'waiting'))
  expect(await Promise.race([closing, soon])).toBe('waiting')
  gate.emit('open')
  expect(await closing).toBe('closed')
})

it.each(['live=sse', 'live=long-poll', ''])(
  'keeps nothing of a caller who left while the app made up its mind (%s)',
  async (live) => {
    const handler = createNodeHandler()
    const gate = new EventEmitter()
    const asked = once(gate, 'asked')
    const handled = once(gate, 'handled')
    // An app that looks up a session before it lets a request through.
    const server = createServer(async (req, res) => {
      if (req.method === 'GET') {
        gate.emit('asked')
        await once(res, 'close')
      }
      await handler.handle(req, res)
      if (req.method === 'GET') gate.emit('handled')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => {
      server.closeAllConnections()
      server.close()
    })
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const stream = await createStream(`${origin}/v1/stream`)

    const controller = new AbortController()
    const read = fetch(`${stream}?offset=-1&${live}`, { signal: controller.signal })
    await asked
    controller.abort()
    await expect(read).rejects.toThrow('aborted')
    await handled
    await handler.close()
  },
)

it('hangs up on a caller whose answer Node refuses to send, and reports it', async () => {
  const storage = memoryStorage()
  const record: StreamRecord = {
    id: 'first',
    contentType: 'text/☃',
    tail: 0,
    closed: false,
    expiry: { kind: 'never' },
  }
  await storage.update('a', () => ({ outcome: undefined, change: { kind: 'create', record } }))
  const reported: unknown[] = []
  const { origin } = await mount({ storage, onError: (error) => reported.push(error) })
  await expect(fetch(`${origin}/v1/stream/a`)).rejects.toThrow('fetch failed')
  expect(reported).toMatchObject([{ code: 'ERR_INVALID_CHAR' }])
  expect((await fetch(`${origin}/v1/stream/b`)).status).toBe(404)
})
