import fc from 'fast-check'
import { withVirtualTime } from './virtual-time.ts'

/** How much is played: properties take it times something. `SIMULATED_RUNS=100` while developing. */
export const RUNS: number = Number(process.env.SIMULATED_RUNS ?? 1000)
/** Which plans: the same ones in every run, so that a failure is one of the change at hand. */
const SEED = Number(process.env.SIMULATED_SEED ?? 1)
/** Real time that a property may take, in milliseconds. */
export const PATIENCE_MS = 600_000

/** Plays so many plans, each to its end, and fails with what went wrong first. */
export function holds<Plan>(
  plans: fc.Arbitrary<Plan>,
  numRuns: number,
  play: (plan: Plan) => Promise<string | undefined>,
): Promise<void> {
  return withVirtualTime(() =>
    fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const failure = await play(plan)
        if (failure) throw new Error(failure)
      }),
      { numRuns, seed: SEED },
    ),
  )
}
