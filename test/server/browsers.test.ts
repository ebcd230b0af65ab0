import { describe, expect, it } from 'vitest'
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

  it.each(['text/html', 'image/svg+xml', 'application/xhtml+xml'])(
    'runs no script that somebody appended: %s',
    async (contentType) => {
      const { url } = await startServer()
      const stream = await createStream(url, { contentType, body: '<script>alert(1)</script>' })
      expect((await fetch(stream)).headers.get('content-security-policy')).toBe('sandbox')
    },
  )

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
