import { describe, expect, it } from 'vitest'
import { createDurableStreamServer } from '../../dev-server/index.ts'
import { createStream, startServer } from '../support/server.ts'

describe('a page of another origin', () => {
  it('sees every header of the protocol, on errors too', async () => {
    const { url } = await startServer()
    const stream = await createStream(url, { body: '1' })
    for (const target of [stream, `${url}/nowhere`, `${stream}?offset=x`]) {
      const { headers } = await fetch(target, { headers: { origin: 'https://app.example' } })
      expect(headers.get('access-control-allow-origin')).toBe('*')
      const exposed = headers.get('access-control-expose-headers')!.split(', ')
      expect(exposed).toEqual(
        expect.arrayContaining(['stream-next-offset', 'stream-closed', 'etag']),
      )
    }
  })

  it('may send every header of the protocol, and ask whether something changed', async () => {
    const { url } = await startServer()
    const headers = { 'access-control-request-headers': 'x-tenant' }
    const answer = await fetch(`${url}/a`, { method: 'OPTIONS', headers })
    expect(answer.status).toBe(204)
    expect(answer.headers.get('access-control-allow-methods')).toContain('PUT')
    const allowed = answer.headers.get('access-control-allow-headers')!.split(', ')
    expect(allowed).toEqual(
      expect.arrayContaining([
        'content-type',
        'if-none-match',
        'producer-id',
        'stream-expected-offset',
        'x-tenant',
      ]),
    )
  })

  it('is let in only from the origins that were named', async () => {
    const { url } = await startServer({ cors: ['https://app.example'] })
    const allowedTo = async (origin: string): Promise<string | null> => {
      const { headers } = await fetch(`${url}/a`, { headers: { origin } })
      expect(headers.get('vary')).toBe('Origin')
      return headers.get('access-control-allow-origin')
    }
    expect(await allowedTo('https://app.example')).toBe('https://app.example')
    expect(await allowedTo('https://evil.example')).toBeNull()
  })
})

it.each([
  ['https://a.example/', 'cors cannot be https://a.example/'],
  ['a.example', 'cors cannot be a.example'],
  ['*', 'cors cannot be *'],
])('an origin that no browser sends is refused at the start: %s', (origin, message) => {
  expect(() => createDurableStreamServer({ cors: [origin] })).toThrow(message)
})

describe('a browser', () => {
  it('is told on every answer to trust the content type', async () => {
    const { url } = await startServer()
    const stream = await createStream(url)
    for (const init of [{}, { method: 'HEAD' }, { method: 'PATCH' }, { method: 'DELETE' }]) {
      const { headers } = await fetch(stream, init)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('cross-origin-resource-policy')).toBe('cross-origin')
    }
  })

  it.each([
    ['text/html', 'sandbox', 'attachment'],
    ['TEXT/HTML; charset=utf-8', 'sandbox', 'attachment'],
    ['image/svg+xml', 'sandbox', 'attachment'],
    ['application/xhtml+xml', 'sandbox', 'attachment'],
    ['application/xml', 'sandbox', 'attachment'],
    ['text/javascript', 'sandbox', 'attachment'],
    ['application/pdf', 'sandbox', 'attachment'],
    ['x/unknown', 'sandbox', 'attachment'],
    ['text/plain;, text/html', 'sandbox', 'attachment'],
    ['application/json;, text/html', 'sandbox', 'attachment'],
    ['image/png;, image/svg+xml', 'sandbox', 'attachment'],
    ['image/png', 'sandbox', null],
    ['video/mp4', 'sandbox', null],
    ['application/json', null, null],
    ['text/plain; charset=utf-8', null, null],
    ['application/octet-stream', null, null],
  ])('runs nothing that somebody stored: %s', async (contentType, policy, disposition) => {
    const { url } = await startServer({ longPollTimeoutMs: 10 })
    const stream = await createStream(url, { contentType, body: '"<script>alert(1)</script>"' })
    for (const query of ['', '?offset=-1&live=long-poll', '?offset=now']) {
      const { headers } = await fetch(stream + query)
      expect(headers.get('content-security-policy')).toBe(policy)
      expect(headers.get('content-disposition')).toBe(disposition)
      // The same for whoever asks, so that a shared cache may keep it.
      expect(headers.get('vary')).toBeNull()
    }
    const answer = await fetch(stream)
    const etag = { 'if-none-match': answer.headers.get('etag')! }
    expect((await fetch(stream, { headers: etag })).headers.get('content-disposition')).toBe(
      disposition,
    )
  })

  it.each([
    ['public', 'public, max-age=60, stale-while-revalidate=300'],
    ['private', 'private, max-age=60, stale-while-revalidate=300'],
    ['revalidate', 'private, no-cache'],
  ] as const)('caches history as configured: %s', async (cacheControl, header) => {
    const { url } = await startServer({ cacheControl })
    const stream = await createStream(url, { body: '1' })
    expect((await fetch(stream)).headers.get('cache-control')).toBe(header)
  })
})
