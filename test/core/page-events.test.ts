import { afterEach, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { stream } from '../../src/core/index.ts'
import { loadLive } from '../../src/core/live.ts'
import { withRetry } from '../../src/core/retry.ts'
import { disconnected } from '../../src/core/response-error.ts'
import { DEFAULT_BACKOFF } from '../../src/core/backoff.ts'
import { standingHeaders } from '../support/stream-answers.ts'

beforeAll(async () => void (await loadLive()))

let page: EventTarget

beforeEach(() => {
  page = new EventTarget()
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  vi.useFakeTimers()
  // The longest back-off that there can be.
  vi.spyOn(Math, 'random').mockReturnValue(0.999)
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
  vi.restoreAllMocks()
})

function tell(type: string, persisted?: boolean): void {
  page.dispatchEvent(Object.assign(new Event(type), persisted !== undefined && { persisted }))
}

/** Follows a stream that the page has read, over a network that can be away, or hang. */
async function follow() {
  const asked: URL[] = []
  const network = { isAway: false, hangs: false }
  const send: typeof fetch = async (input) => {
    asked.push(new URL(String(input)))
    if (network.hangs) return new Promise(() => {})
    if (network.isAway) throw new TypeError('connect ENETUNREACH')
    return new Response('[]', { headers: standingHeaders({ next: '1' }) })
  }
  const controller = new AbortController()
  onTestFinished(() => controller.abort())
  const { signal } = controller
  const reading = await stream({ url: 'http://a.test/s', live: 'long-poll', fetch: send, signal })
  reading.subscribeJson(() => {})
  const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms)
  return { asked, network, pass }
}

it('has a read wait for seconds no more when the network is back, though it fails once again', async () => {
  const { asked, network, pass } = await follow()
  network.isAway = true
  await pass(30_000)
  // By now the next try would be ten seconds away.
  await pass(200)
  tell('online')
  await pass(50)
  const tries = asked.length
  network.isAway = false
  await pass(250)
  expect(asked.length).toBeGreaterThan(tries)
})

it('has a write wait for seconds no more, either', async () => {
  let isAway = true
  let tries = 0
  const policy = { ...DEFAULT_BACKOFF, maxAttempts: 8 }
  const write = withRetry(async () => {
    tries++
    if (isAway) throw disconnected('A write', 'no network')
    return 'stored'
  }, policy)
  await vi.advanceTimersByTimeAsync(100 + 200 + 400 + 800 + 1600)
  expect(tries).toBe(6)
  tell('online')
  await vi.advanceTimersByTimeAsync(0)
  isAway = false
  await vi.advanceTimersByTimeAsync(100)
  expect(tries).toBe(8)
  expect(await write).toBe('stored')
})

it.each([
  ['is asked again when a page comes back that was put aside', 'pageshow', true, 1],
  ['goes on when its page has only just come', 'pageshow', false, 0],
  ['is given up when its page is put aside', 'pagehide', true, 1],
  ['is given up when the network is gone', 'offline', undefined, 1],
  ['is given up when there is another network', 'online', undefined, 1],
])('a read that waits for its answer %s', async (_, type, persisted, more) => {
  const { asked, network, pass } = await follow()
  network.hangs = true
  await pass(2000)
  const before = asked.length
  tell(type, persisted)
  await pass(2000)
  expect(asked.length - before).toBe(more)
})
