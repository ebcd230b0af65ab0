import { expect, it } from 'vitest'
import { createIsLimited, type HostGlobals } from '../../../src/core/live/http-version.ts'

interface Seen {
  navigation?: string
  requests?: [url: string, version: string][]
}

/** A page of https://app.test, and what its browser has seen. */
function page({ navigation = '', requests = [] }: Seen): HostGlobals & { seen: Seen } {
  const seen = { navigation, requests }
  return {
    document: {},
    location: { origin: 'https://app.test' },
    seen,
    performance: {
      getEntriesByType: (type) =>
        type === 'navigation'
          ? [{ name: 'https://app.test/page', nextHopProtocol: seen.navigation }]
          : seen.requests.map(([name, nextHopProtocol]) => ({ name, nextHopProtocol })),
    },
  }
}

const here = new URL('https://app.test/v1/stream/a')
const there = new URL('https://streams.test/v1/stream/a')

it.each(['h2', 'h3'])('allows many connections where the page was loaded over %s', (version) => {
  expect(createIsLimited(page({ navigation: version }))(here)).toBe(false)
})

it('allows few where the page was loaded over HTTP/1.1', () => {
  expect(createIsLimited(page({ navigation: 'http/1.1' }))(here)).toBe(true)
})

it('goes by the last request to the host, since a page may come from elsewhere, as from a cache', () => {
  const requests: [string, string][] = [
    ['https://app.test/v1/stream/a?offset=-1', 'http/1.1'],
    ['https://app.test/v1/stream/a?offset=-1', 'h2'],
    ['https://app.test/v1/stream/b?offset=-1', ''],
    ['https://streams.test/v1/stream/a', 'http/1.1'],
  ]
  expect(createIsLimited(page({ navigation: 'http/1.1', requests }))(here)).toBe(false)
})

it('goes by what another origin lets be seen, and allows few where nothing is', () => {
  const requests: [string, string][] = [['https://streams.test/v1/stream/a?offset=-1', 'h3']]
  expect(createIsLimited(page({ navigation: 'h2', requests }))(there)).toBe(false)
  const hidden: [string, string][] = [['https://streams.test/v1/stream/a?offset=-1', '']]
  expect(createIsLimited(page({ navigation: 'h2', requests: hidden }))(there)).toBe(true)
  const alike: [string, string][] = [['https://streams.test.evil.test/', 'h2']]
  expect(createIsLimited(page({ requests: alike }))(there)).toBe(true)
})

it('remembers what it has learned, whatever becomes of the entries', () => {
  const host = page({ navigation: 'h2' })
  const isLimited = createIsLimited(host)
  expect(isLimited(here)).toBe(false)
  host.seen.navigation = ''
  expect(isLimited(here)).toBe(false)
})

it('knows that no browser speaks anything newer than HTTP/1.1 without encryption', () => {
  const host = page({ navigation: 'h2' })
  expect(createIsLimited(host)(new URL('http://localhost:4437/v1/stream/a'))).toBe(true)
})

it('allows many connections outside of browsers', () => {
  expect(createIsLimited({})(new URL('http://localhost:4437/v1/stream/a'))).toBe(false)
  expect(createIsLimited(globalThis as HostGlobals)(here)).toBe(false)
})

it('counts workers among browsers', () => {
  const host = { WorkerGlobalScope: {}, performance: { getEntriesByType: () => [] } }
  expect(createIsLimited(host)(here)).toBe(true)
})
