import { setTimeout } from 'node:timers/promises'

/** A few turns of the event loop: what was to happen at once has happened by then. */
export async function aFewTurns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn++) await setTimeout(0)
}

/** What a promise has come to within a few turns, whether it resolves or rejects. */
export async function atOnce<Value>(promise: Promise<Value>): Promise<PromiseSettledResult<Value>> {
  const late = aFewTurns().then((): never => {
    throw new Error('It did not settle at once')
  })
  const [settled] = await Promise.all([
    Promise.race([Promise.allSettled([promise]).then(([result]) => result), late]),
    late.catch(() => undefined),
  ])
  return settled
}
