import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createDurableStreamServer, type DurableStreamServer } from '../../dev-server/index.ts'
import { createInbox, type Inbox } from '../support/inbox.ts'
import { createStream, post, startServer } from '../support/server.ts'

interface Call {
  kid: string
  wake: { wake_id: string; generation: number; callback_url: string; callback_token: string }
}

/** A worker with a real webhook, which answers as `answer` says. */
async function startWorker(
  answer: () => { status: number; body: string },
): Promise<{ url: string; calls: Inbox<Call> }> {
  const calls = createInbox<Call>()
  const server = createServer(async (req, res) => {
    const parts: Buffer[] = []
    for await (const part of req as AsyncIterable<Buffer>) parts.push(part)
    const kid = /kid=([^,]+)/.exec(String(req.headers['webhook-signature']))?.[1] ?? ''
    calls.put({ kid, wake: JSON.parse(Buffer.concat(parts).toString()) as Call['wake'] })
    const { status, body } = answer()
    res.writeHead(status).end(body)
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return { url: `http://localhost:${typeof address === 'object' ? address!.port : 0}/`, calls }
}

function subscribe(url: string, webhook: string): Promise<Response> {
  return fetch(`${url}/__ds/subscriptions/s`, {
    method: 'PUT',
    body: JSON.stringify({ type: 'webhook', pattern: '*', webhook: { url: webhook } }),
  })
}

it('calls nobody on this machine unless it is told to', async () => {
  const { url } = await startServer()
  const response = await subscribe(url, 'http://localhost:1/')
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { code: 'WEBHOOK_URL_REJECTED' } })
})

it('wakes a worker, hears its callback, and wakes it for the next append', async () => {
  const { url } = await startServer({ subscriptions: { allowLocalWebhooks: true } })
  const worker = await startWorker(() => ({ status: 202, body: '' }))
  expect((await subscribe(url, worker.url)).status).toBe(201)
  const stream = await createStream(url)
  const appended = await post(stream, '1')
  const { wake } = await worker.calls.next()
  expect(wake.callback_url).toBe(`${url}/__ds/subscriptions/s/callback`)
  const { wake_id, generation } = wake
  const acks = [{ stream: 'a', offset: appended.headers.get('stream-next-offset') }]
  const response = await fetch(wake.callback_url, {
    method: 'POST',
    headers: { authorization: `Bearer ${wake.callback_token}` },
    body: JSON.stringify({ wake_id, generation, acks, done: true }),
  })
  expect(await response.json()).toEqual({ ok: true, next_wake: false })
  await post(stream, '2')
  expect((await worker.calls.next()).wake.generation).toBe(2)
})

it('goes on with a failed wake after a restart on the same disk, with the same key', async () => {
  const path = await mkdtemp(join(tmpdir(), 'streamwell-webhook-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  const start = (): DurableStreamServer => {
    const subscriptions = { allowLocalWebhooks: true }
    const server = createDurableStreamServer({
      port: 0,
      storage: { lmdb: { path } },
      subscriptions,
    })
    onTestFinished(() => server.stop())
    return server
  }
  let status = 500
  const worker = await startWorker(() => ({ status, body: '{"done":true}' }))
  const first = start()
  const url = await first.start()
  await subscribe(url, worker.url)
  await post(await createStream(url), '1')
  const failed = await worker.calls.next()
  await first.stop()

  status = 200
  await start().start()
  const again = await worker.calls.next()
  expect(again.kid).toBe(failed.kid)
  expect(again.wake.wake_id).toBe(failed.wake.wake_id)
})
