import fc from 'fast-check'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createEndpoint } from '../../../src/core/endpoint.ts'
import { follow } from '../../../src/core/follow.ts'
import { loadLive, setLiveFetch } from '../../../src/core/live.ts'
import { createHubs } from '../../../src/core/live/hubs.ts'
import type { LiveFetch } from '../../../src/core/live/live-fetch.ts'
import { createHubServer, type HubServer, urlOf } from './hub-server.ts'

const STREAMS = 4
const pathOf = (index: number): string => `rooms/${index % STREAMS}`
const alone: LiveFetch = ({ target, init, send }) => send(target, init)

/** Its number in the stream, and what makes it long. */
type Item = [number: number, padding: string]

const GONE = 'the reader left'

/** A reader of one stream, from its beginning, over whatever happens. */
interface Follower {
  path: string
  got: Item[]
  error: unknown
  isGone: boolean
  stall(): void
  resume(): void
  leave(): void
}

interface World {
  server: HubServer
  followers: Follower[]
  /** How many items each stream has. */
  counts: number[]
  padding: string
}

interface Step {
  run(world: World): Promise<unknown> | void
  [fc.toStringMethod](): string
}

function say(name: string, run: Step['run']): Step {
  return { run, [fc.toStringMethod]: () => name }
}

const index = fc.nat({ max: 11 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(index, fc.integer({ min: 1, max: 4 })).map(appending) },
  { weight: 3, arbitrary: index.map((i) => say(`join ${i}`, (world) => join(world, i))) },
  { weight: 2, arbitrary: onFollower('leave') },
  { weight: 1, arbitrary: onFollower('stall') },
  { weight: 2, arbitrary: onFollower('resume') },
  { weight: 5, arbitrary: fc.constantFrom(0, 1, 9, 50, 260, 900).map(passing) },
  { weight: 1, arbitrary: onServer('cut', (server) => server.cut()) },
  { weight: 1, arbitrary: onServer('end', (server) => server.end()) },
  { weight: 1, arbitrary: onServer('hold', (server) => server.hold()) },
  { weight: 2, arbitrary: onServer('release', (server) => server.release()) },
  { weight: 1, arbitrary: index.map(refusing) },
  { weight: 2, arbitrary: onServer('allow', (server) => server.refused.clear()) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(...(['lost', 'late', 401, 413, 429, 501, 503] as const))
      .map(answering),
  },
  { weight: 2, arbitrary: onServer('answer', (server) => (server.answer = undefined)) },
)

beforeEach(async () => {
  await loadLive()
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('gives each reader every item once and in order, whoever comes, goes, stalls or fails', async () => {
  const scenario = fc.record({
    steps: fc.array(step, { minLength: 5, maxLength: 60 }),
    perEvent: fc.constantFrom(1, 2, Infinity),
    wire: fc.constantFrom([1, 0], [7, 0], [Infinity, 0], [30_000, 5000], [65_536, 100_000]),
  })
  await fc.assert(
    fc.asyncProperty(scenario, async ({ steps, perEvent, wire: [pieceBytes, padding] }) => {
      const server = Object.assign(createHubServer(), { perEvent, pieceBytes })
      setLiveFetch(createHubs(alone, () => false))
      await loadLive()
      const world: World = {
        server,
        followers: [],
        counts: Array.from({ length: STREAMS }, () => 0),
        padding: '.'.repeat(padding!),
      }
      try {
        for (let i = 0; i < STREAMS; i++) append(world, i, 1)
        for (const { run } of steps) {
          await run(world)
          await Promise.resolve()
        }
        await heal(world)
        await checkAll(world)
      } finally {
        for (const follower of world.followers) follower.leave()
        vi.clearAllTimers()
      }
    }),
    { numRuns: 60 },
  )
})

async function checkAll(world: World): Promise<void> {
  const { server, followers } = world
  for (const { path, got, error, isGone } of followers) {
    expect(error).toBeUndefined()
    expect(got.map(([n]) => n)).toEqual(got.map((_, n) => n))
    if (!isGone) expect(got).toHaveLength(countOf(world, path))
  }
  const isRead = followers.some(({ isGone }) => !isGone)
  expect([server.open(), server.openAlone()]).toEqual([isRead ? 1 : 0, 0])
  for (const follower of followers) follower.leave()
  expect(server.open()).toBe(0)
  await vi.advanceTimersByTimeAsync(20)
  expect(vi.getTimerCount()).toBe(0)
}

function append({ server, counts, padding }: World, i: number, count: number): void {
  const of = i % STREAMS
  for (let n = 0; n < count; n++) server.append(pathOf(of), [counts[of]!++, padding])
}

function countOf({ counts }: World, path: string): number {
  return counts.find((_, i) => pathOf(i) === path)!
}

function appending([i, count]: readonly [number, number]): Step {
  return say(`append ${count} to ${pathOf(i)}`, (world) => append(world, i, count))
}

function onFollower(act: 'leave' | 'stall' | 'resume'): fc.Arbitrary<Step> {
  return index.map((i) =>
    say(`${act} ${i}`, ({ followers }) => followers[i % (followers.length || 1)]?.[act]()),
  )
}

function onServer(name: string, act: (server: HubServer) => void): fc.Arbitrary<Step> {
  return fc.constant(say(name, ({ server }) => act(server)))
}

function passing(ms: number): Step {
  return say(`pass ${ms}`, () => vi.advanceTimersByTimeAsync(ms))
}

function refusing(i: number): Step {
  return say(`refuse ${pathOf(i)}`, ({ server }) => void server.refused.set(pathOf(i), 503))
}

/** How requests for many streams are answered from now on. */
function answering(how: 'lost' | 'late' | number): Step {
  return say(`answer ${how}`, ({ server }) => {
    server.answer = async () => {
      if (typeof how === 'number') return new Response('no', { status: how })
      await new Promise((resolve) => setTimeout(resolve, 300))
      if (how === 'lost') throw new TypeError('fetch failed')
    }
  })
}

function join({ server, followers }: World, i: number): void {
  const path = pathOf(i)
  const controller = new AbortController()
  let wait: Promise<void> | undefined
  let goOn = (): void => undefined
  const follower: Follower = {
    path,
    got: [],
    error: undefined,
    isGone: false,
    stall: () => void (wait ??= new Promise((resolve) => (goOn = resolve))),
    resume() {
      wait = undefined
      goOn()
    },
    leave() {
      follower.isGone = true
      controller.abort(GONE)
      follower.resume()
    },
  }
  const read = async (): Promise<void> => {
    const endpoint = createEndpoint({ url: urlOf(path), fetch: server.fetch })
    const backoff = { firstDelayMs: 20, maxDelayMs: 200, maxAttempts: Infinity }
    const reading = { live: 'sse' as const, backoff }
    for await (const { parts } of follow(endpoint, reading, controller.signal)) {
      for (const part of parts) follower.got.push(...(JSON.parse(part as string) as Item[]))
      await wait
    }
  }
  read().catch((error: unknown) => {
    if (error !== GONE) follower.error = error
  })
  followers.push(follower)
}

/** Lets all be well for so long that everything that was put off is done. */
async function heal(world: World): Promise<void> {
  const { server, followers } = world
  server.answer = undefined
  server.refused.clear()
  server.release()
  for (const follower of followers) follower.resume()
  await vi.advanceTimersByTimeAsync(6 * 60_000)
  server.end()
  await vi.advanceTimersByTimeAsync(5000)
}
