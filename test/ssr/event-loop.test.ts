import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { loadStreamWithReducer } from 'streamwell/ssr'
import { act, type Site, startSite } from './site.ts'

/** Counts the turns of the event loop. */
function countTurns(): { count: () => number } {
  let count = 0
  let timer: NodeJS.Immediate
  const turn = (): void => {
    count++
    timer = setImmediate(turn)
  }
  timer = setImmediate(turn)
  onTestFinished(() => clearImmediate(timer))
  return { count: () => count }
}

/** A reducer that takes its time, and what the most was that ran without a turn for others. */
function slowReducer(turns: { count: () => number }): {
  reducer: (total: number, amount: number) => number
  mostInOneTurn: () => number
} {
  const inTurn = new Map<number, number>()
  return {
    reducer(total, amount) {
      const turn = turns.count()
      inTurn.set(turn, (inTurn.get(turn) ?? 0) + 1)
      const end = performance.now() + 1
      while (performance.now() < end);
      return total + amount
    },
    mostInOneTurn: () => Math.max(...inTurn.values()),
  }
}

async function writeMany(site: Site, path: string, count: number): Promise<void> {
  await site.create(path)
  await site.write(path, ...Array.from({ length: count }, () => act(1)))
}

describe('while a long history is folded', () => {
  it('others have their turns', async () => {
    const site = await startSite()
    await writeMany(site, 'long', 500)
    const turns = countTurns()
    const { reducer, mostInOneTurn } = slowReducer(turns)
    const load = { ...site.options, path: 'long', reducer, initialState: 0, timeoutMs: 120_000 }
    expect(await loadStreamWithReducer(load)).toMatchObject({ state: 500 })
    expect(mostInOneTurn()).toBeLessThanOrEqual(16)
  })

  it('others have them also when there are many such', async () => {
    const site = await startSite()
    const paths = Array.from({ length: 4 }, (_, n) => `long-${n}`)
    for (const path of paths) await writeMany(site, path, 300)
    const turns = countTurns()
    const { reducer, mostInOneTurn } = slowReducer(turns)
    // Who has waited for a second goes on beside the others; on a machine that hangs, many do.
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const loads = paths.map((path) =>
      loadStreamWithReducer({
        ...site.options,
        path,
        reducer,
        initialState: 0,
        timeoutMs: 120_000,
      }),
    )
    for (const { state } of await Promise.all(loads)) expect(state).toBe(300)
    expect(mostInOneTurn()).toBeLessThanOrEqual(16)
  })
})
