import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  createStreams,
  type LifecycleEvent,
  type Streams,
} from '../../dev-server/operations/streams.ts'
import { countsOf, isSystemPath } from '../../dev-server/operations/registry.ts'
import type { Storage } from '../../dev-server/index.ts'
import { StreamsModel, perform, view, type Operation } from './streams-model.ts'

/** Streams whose clock moves only by hand, and all that can be seen of them. */
export interface Ground {
  storage: Storage
  streams: Streams
  events: LifecycleEvent[]
  clock: { now: number }
  /** What the registry and the events have told so far: whether each stream is closed. */
  told: { registry: Map<string, boolean>; position: number; events: Map<string, boolean> }
}

export function openGround(storage: Storage, limits: { maxStreams?: number } = {}): Ground {
  const clock = { now: Date.UTC(2030, 0, 1) }
  const events: LifecycleEvent[] = []
  const streams = createStreams({
    storage,
    now: () => clock.now,
    onEvent: (event) => void events.push(event),
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    ...limits,
  })
  const told = { registry: new Map(), position: 0, events: new Map() }
  return { storage, streams, events, clock, told }
}

const ROUNDS = 100
const TTL_SECONDS = 60

/** Until a sweep comes by, the source does not know that it need not stay for this fork. */
const FORK_OVER = 'a stream with a fork whose time is over'

/** How the streams `root`, `s` and `g` stand before a race; all but `root` may be raced on. */
const SCENES: Record<string, Operation[]> = {
  'no stream': [],
  'a stream': [{ do: 'create', path: 's', data: 'abcdef' }],
  'a closed stream': [{ do: 'create', path: 's', data: 'abcdef', closed: true }],
  'a stream with a fork': [
    { do: 'create', path: 's', data: 'abcdef' },
    { do: 'fork', path: 'g', source: 's', offset: 3, data: 'G' },
  ],
  'a deleted stream that its fork keeps': [
    { do: 'create', path: 's', data: 'abcdef' },
    { do: 'fork', path: 'g', source: 's', offset: 3, data: 'G' },
    { do: 'delete', path: 's' },
  ],
  'a fork of a deleted stream, with a fork': [
    { do: 'create', path: 'root', data: 'root' },
    { do: 'fork', path: 's', source: 'root', data: 'abc' },
    { do: 'fork', path: 'g', source: 's', offset: 5 },
    { do: 'delete', path: 'root' },
  ],
  'a chain of which only the end is alive': [
    { do: 'create', path: 'root', data: 'root' },
    { do: 'fork', path: 's', source: 'root', data: 'abc' },
    { do: 'fork', path: 'g', source: 's', offset: 2 },
    { do: 'delete', path: 's' },
    { do: 'delete', path: 'root' },
  ],
  'a stream whose time is over': [
    { do: 'create', path: 's', data: 'abcdef', ttlSeconds: TTL_SECONDS },
  ],
  'a stream with a living fork whose time is over': [
    { do: 'create', path: 's', data: 'abcdef', ttlSeconds: TTL_SECONDS },
    { do: 'fork', path: 'g', source: 's', offset: 3, ttlSeconds: 2 * TTL_SECONDS },
  ],
  [FORK_OVER]: [
    { do: 'create', path: 's', data: 'abcdef' },
    { do: 'fork', path: 'g', source: 's', offset: 3, ttlSeconds: TTL_SECONDS },
  ],
}

const RACERS: Record<string, Operation> = {
  create: { do: 'create', path: 's' },
  append: { do: 'append', path: 's', data: 'x' },
  close: { do: 'close', path: 's', data: 'y' },
  delete: { do: 'delete', path: 's' },
  'fork it': { do: 'fork', path: 'f', source: 's' },
  'fork its fork': { do: 'fork', path: 'f', source: 'g', offset: 1 },
  'delete its fork': { do: 'delete', path: 'g' },
  sweep: { do: 'sweep' },
}

const PATHS = ['root', 's', 'g', 'f']
const NAMES = Object.keys(RACERS)
const PAIRS = NAMES.flatMap((one, i) =>
  NAMES.slice(i).map((other): [string, string] => [one, other]),
)

/**
 * Every pair of operations that change streams, at once, as they would have been one after the other:
 * each of `rounds` in every scene starts the two a little further apart. `openStorage` is called for
 * every scene of every pair.
 */
export function describeRaces(
  openStorage: () => Promise<Storage> | Storage,
  rounds: number = ROUNDS,
): void {
  it.each(PAIRS)(
    '%s and %s at once are one after the other',
    { timeout: 120_000 },
    async (a, b) => {
      const racers: [Operation, Operation] = [RACERS[a]!, RACERS[b]!]
      await Promise.all(
        Object.keys(SCENES).map(async (scene) => {
          const storage = await openStorage()
          try {
            const ground = openGround(storage)
            for (let round = 0; round < rounds; round++) await race(ground, scene, racers, round)
            await expectNothingLeft(storage)
          } finally {
            await storage.close()
          }
        }),
      )
    },
  )
}

async function expectNothingLeft(storage: Storage): Promise<void> {
  const left = await storage.list('', 10)
  expect(left.map(({ path }) => path).filter((path) => path !== '__registry__')).toEqual([])
}

async function race(
  ground: Ground,
  scene: string,
  racers: readonly [Operation, Operation],
  round: number,
): Promise<void> {
  const { streams, clock } = ground
  const before = SCENES[scene]!
  for (const operation of before) await perform(streams, operation, clock.now)
  const started = clock.now
  if (scene.endsWith('is over')) clock.now += TTL_SECONDS * 1000
  // Two digits that differ from round to round, however few there are.
  const turns = (round * 37) % 100
  const kinds = await Promise.all([
    later(turns % 10, () => perform(streams, racers[0], clock.now)),
    later(Math.floor(turns / 10), () => perform(streams, racers[1], clock.now)),
  ])
  // A sweep that passed by before the other ended is no different from one after it.
  await streams.sweep()
  const seen = { kinds, views: await viewAll(streams) }

  const [first, second] = [inTurn([0, 1]), inTurn([1, 0])]
  if (scene !== FORK_OVER && JSON.stringify(seen) !== JSON.stringify(first)) {
    expect({ scene, round, seen }).toEqual({ scene, round, seen: second })
  }
  await expectOrder(ground)
  for (const path of ['f', 'g', 's', 'root']) await streams.remove(path)

  function inTurn(order: readonly number[]): unknown {
    const model = new StreamsModel()
    for (const operation of before) model.apply(operation, started)
    const outcomes: string[] = []
    for (const i of order) outcomes[i] = model.apply(racers[i]!, clock.now)
    return { kinds: outcomes, views: PATHS.map((path) => model.view(path, clock.now)) }
  }
}

async function later<T>(turns: number, start: () => Promise<T>): Promise<T> {
  for (let i = 0; i < turns; i++) await undefined
  return start()
}

function viewAll(streams: Streams): Promise<unknown[]> {
  return Promise.all(PATHS.map((path) => view(streams, path)))
}

/** Any sequence of operations does to streams what it does to streams that copy their bytes. */
export function describeModel(
  openStorage: () => Promise<Storage> | Storage,
  numRuns: number = 300,
): void {
  it('forks are told from copies by nothing', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const storage = await openStorage()
        try {
          await follow(openGround(storage), steps)
        } finally {
          await storage.close()
        }
      }),
      { numRuns },
    )
  })
}

const MODEL_PATHS = ['a', 'b', 'c', 'd', 'e']
const path = fc.constantFrom(...MODEL_PATHS)
const data = fc.constantFrom('', 'x', 'yz', 'long text')
const offset = fc.option(fc.nat(12), { nil: undefined })
const step = fc.oneof(
  fc.record({ do: fc.constant('create' as const), path, data }),
  fc.record({ do: fc.constant('create' as const), path, data, ttlSeconds: fc.constantFrom(5, 9) }),
  fc.record({ do: fc.constant('fork' as const), path, source: path, offset, data }),
  fc.record({ do: fc.constant('fork' as const), path, source: path, data }),
  fc.record({ do: fc.constant('fork' as const), path, source: path, ttlSeconds: fc.constant(7) }),
  fc.record({ do: fc.constant('append' as const), path, data: fc.constantFrom('x', 'yz') }),
  fc.record({ do: fc.constant('close' as const), path, data }),
  fc.record({ do: fc.constant('delete' as const), path }),
  fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 6 }) }),
)

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

async function follow(ground: Ground, steps: readonly Step[]): Promise<void> {
  const { streams, clock } = ground
  const model = new StreamsModel()
  for (const one of steps) {
    if (one.do === 'wait') clock.now += one.seconds * 1000
    const operation: Operation = one.do === 'wait' ? { do: 'sweep' } : withoutUndefined(one)
    const kind = await perform(streams, operation, clock.now)
    expect({ operation, kind }).toEqual({ operation, kind: model.apply(operation, clock.now) })
    const seen = await Promise.all(MODEL_PATHS.map((each) => view(streams, each, 3)))
    expect(seen).toEqual(MODEL_PATHS.map((each) => model.view(each, clock.now)))
  }
  await expectOrder(ground)
}

function withoutUndefined(operation: Exclude<Step, { do: 'wait' }>): Operation {
  return JSON.parse(JSON.stringify(operation)) as Operation
}

/** References, counts, the registry and the events tell the same story as the records. */
export async function expectOrder(ground: Ground): Promise<void> {
  const all = await ground.storage.list('', 1_000)
  const stored = new Map(
    all.flatMap(({ path, record }) => (isSystemPath(path) ? [] : [[path, record]])),
  )
  for (const [path, record] of stored) {
    const forks = [...stored.values()].filter(({ fork }) => fork?.path === path)
    expect({ path, forks: record.forks ?? 0 }).toEqual({ path, forks: forks.length })
    expect(forks.every(({ fork }) => fork!.id === record.id)).toBe(true)
    if (record.softDeleted) expect(forks).not.toEqual([])
    if (record.fork) expect([...stored.keys()]).toContain(record.fork.path)
  }

  const alive = [...stored].filter(([, { softDeleted }]) => !softDeleted)
  const expiring = alive.filter(([, { expiry }]) => expiry.kind !== 'never').length
  const registry = all.find(({ path }) => path === '__registry__')?.record
  const counts = countsOf(registry)
  expect(counts).toEqual({ streams: stored.size, expiring })

  const { told } = ground
  await hearRegistry(ground)
  hearEvents(ground)
  const truth = new Map(alive.map(([path, { closed }]) => [path, closed]))
  expect(told.registry).toEqual(truth)
  expect(told.events).toEqual(truth)
}

async function hearRegistry({ storage, told }: Ground): Promise<void> {
  const slice = await storage.read('__registry__', told.position, 10_000_000)
  if (!slice) return
  const text = Buffer.concat(slice.bytes).toString()
  told.position = slice.record.tail
  for (const { key, value, headers } of JSON.parse(`[${text.slice(0, -2)}]`)) {
    const isNew = headers.operation === 'insert'
    expect({ key, isNew }).toEqual({ key, isNew: !told.registry.has(key) })
    if (headers.operation === 'delete') told.registry.delete(key)
    else told.registry.set(key, value.closed)
  }
}

function hearEvents({ events, told }: Ground): void {
  for (const { kind, path } of events.splice(0)) {
    const isNew = kind === 'created'
    expect({ path, isNew }).toEqual({ path, isNew: !told.events.has(path) })
    if (kind === 'deleted') told.events.delete(path)
    else told.events.set(path, kind === 'closed')
  }
}
