import { expect, it, vi } from 'vitest'
import { memoryStorage, type Storage } from '../../dev-server/index.ts'
import { createStreams } from '../../dev-server/operations/streams.ts'
import { expectOrder, openGround } from '../support/streams-races.ts'
import { perform } from '../support/streams-model.ts'

const MINUTE = 60_000

/** Streams `brief/*` that live for a minute and `long/*` for an hour. */
async function streamsThatExpire(brief: number, long: number) {
  const ground = openGround(memoryStorage())
  const { streams, clock } = ground
  for (const [name, count, ttlSeconds] of [
    ['brief', brief, 60],
    ['long', long, 3600],
  ] as const) {
    for (let i = 0; i < count; i++) {
      await perform(streams, { do: 'create', path: `${name}/${i}`, ttlSeconds }, clock.now)
    }
  }
  return ground
}

async function pathsOf(storage: Storage): Promise<string[]> {
  return (await storage.list('', 10_000)).map(({ path }) => path)
}

it('what expired is removed although nobody asks for it', async () => {
  const ground = await streamsThatExpire(700, 3)
  const { streams, storage, clock, events } = ground
  clock.now += MINUTE
  expect(await streams.sweep()).toBe(700)
  expect(await pathsOf(storage)).toEqual(['__registry__', 'long/0', 'long/1', 'long/2'])
  expect(events.filter(({ kind }) => kind === 'deleted')).toHaveLength(700)
  await expectOrder(ground)
  clock.now += 60 * MINUTE
  expect(await streams.sweep()).toBe(3)
  await expectOrder(ground)
})

it('others have their turn between pages, and may stop the sweep there', async () => {
  const { storage, clock } = await streamsThatExpire(1_000, 0)
  const stop = new AbortController()
  let turns = 0
  const pause = async (): Promise<void> => {
    turns += 1
    if (turns === 2) stop.abort()
  }
  const streams = createStreams({
    storage,
    now: () => clock.now + MINUTE,
    onEvent: () => undefined,
    pause,
  })
  expect(await streams.sweep(stop.signal)).toBeLessThan(1_000)
  expect(turns).toBe(2)
  expect(await streams.sweep()).toBeGreaterThan(0)
  expect(await pathsOf(storage)).toEqual(['__registry__'])
  expect(turns).toBeGreaterThan(2)
})

it('does not even look where no stream ever ends', async () => {
  const { streams, storage, clock } = openGround(memoryStorage())
  const list = vi.spyOn(storage, 'list')
  await perform(streams, { do: 'create', path: 'for ever' }, clock.now)
  await perform(streams, { do: 'create', path: 'a while', ttlSeconds: 1 }, clock.now)
  await perform(streams, { do: 'delete', path: 'a while' }, clock.now)
  expect(await streams.sweep()).toBe(0)
  expect(list).not.toHaveBeenCalled()
})

it('frees the sources that stayed for a fork which expired', async () => {
  const ground = openGround(memoryStorage())
  const { streams, storage, clock, events } = ground
  await perform(streams, { do: 'create', path: 'root' }, clock.now)
  await perform(streams, { do: 'fork', path: 'middle', source: 'root', ttlSeconds: 30 }, clock.now)
  await perform(streams, { do: 'fork', path: 'tip', source: 'middle', ttlSeconds: 60 }, clock.now)
  await perform(streams, { do: 'delete', path: 'root' }, clock.now)
  clock.now += MINUTE
  await streams.sweep()
  expect(await pathsOf(storage)).toEqual(['__registry__'])
  const deleted = events.flatMap(({ kind, path }) => (kind === 'deleted' ? [path] : []))
  expect(deleted.toSorted()).toEqual(['middle', 'root', 'tip'])
  await expectOrder(ground)
})
