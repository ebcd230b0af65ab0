import { asyncProperty, assert, constantFrom, integer, record, tuple, array } from 'fast-check'
import { expect, it, vi } from 'vitest'
import { lateness, openWorld, pathsOf, type Seen } from './turns-page.ts'

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

it('no stream waits longer than is promised, however many there are and however they are written to', async () => {
  const plan = record({
    streams: integer({ min: 5, max: 24 }),
    wayMs: constantFrom(1, 5, 20, 60, 100),
    writes: array(tuple(integer({ min: 0, max: 400 }), integer({ min: 0, max: 23 })), {
      minLength: 20,
      maxLength: 60,
    }),
  })
  await assert(
    asyncProperty(plan, async ({ streams, wayMs, writes }) => {
      const { server, readAll, pass, close } = await openWorld()
      server.wayMs = () => wayMs
      const seen = readAll(streams)
      const times = seen.map((): number[] => [])
      await pass(5000)
      for (const [afterMs, which] of writes) {
        const stream = which % streams
        server.append(`room-${stream}`, `${times[stream]!.length}`)
        times[stream]!.push(Date.now())
        await pass(afterMs)
      }
      const tripMs = 2 * wayMs
      const roundMs = Math.max(1000, Math.ceil((streams - 2) / 2) * tripMs)
      await pass(roundMs + 2 * tripMs)

      seen.forEach((one, n) => {
        expect(one.items).toEqual(upTo(times[n]!.length))
        expect(lateness(one, times[n]!)).toBeLessThanOrEqual(roundMs + tripMs)
      })
      expect(server.mostOpen).toBe(4)
      close()
    }),
    { numRuns: 100, endOnFailure: true },
  )
}, 120_000)

type Step = [
  kind: 'write' | 'write' | 'open' | 'leave' | 'cut' | 'away' | 'close',
  which: number,
  ms: number,
]

it('each reader sees everything once and in order, whatever goes wrong', async () => {
  const step = tuple(
    constantFrom<Step[0]>(
      'write',
      'write',
      'write',
      'open',
      'open',
      'leave',
      'cut',
      'away',
      'close',
    ),
    integer({ min: 0, max: 11 }),
    integer({ min: 0, max: 900 }),
  )
  const plan = record({
    steps: array(step, { minLength: 20, maxLength: 50 }),
    ways: array(constantFrom(1, 10, 50, 150, 400), { minLength: 12, maxLength: 12 }),
    sseMs: constantFrom(300, 3000, 60_000),
    pollMs: constantFrom(100, 20_000),
  })
  await assert(
    asyncProperty(plan, async ({ steps, ways, ...options }) => {
      const world = await openWorld()
      const { server, read, pass, close } = world
      Object.assign(server, options)
      server.wayMs = (path) => ways[Number(path.slice(5))]!
      const counts = new Map(pathsOf(12).map((path) => [path, 0]))
      const closed = new Set<string>()
      for (const path of pathsOf(12)) server.create(path)
      const readers: Seen[] = pathsOf(6).map((path) => read(path))
      for (const [kind, which, ms] of steps) {
        const path = `room-${which}`
        if (kind === 'write' && !closed.has(path)) {
          server.append(path, `${counts.get(path)!}`)
          counts.set(path, counts.get(path)! + 1)
        }
        if (kind === 'open') readers.push(read(path, { live: which % 3 ? true : 'long-poll' }))
        if (kind === 'leave') readers.splice(which % readers.length, 1)[0]?.leave()
        if (kind === 'cut') server.cut()
        if (kind === 'away') server.isAway = !server.isAway
        if (kind === 'close') server.close([...closed.add(path)].at(-1)!)
        await pass(ms)
      }
      server.isAway = false
      await pass(30_000)

      for (const { path, items, isOver, error } of readers) {
        expect(error).toBeUndefined()
        expect(items).toEqual(upTo(counts.get(path)!))
        expect(isOver).toBe(closed.has(path))
      }
      expect(server.mostOpen).toBeLessThanOrEqual(4)
      close()
      await pass(1)
      expect(server.open()).toEqual([])
      expect(vi.getTimerCount()).toBe(0)
    }),
    { numRuns: 25, endOnFailure: true },
  )
}, 120_000)
