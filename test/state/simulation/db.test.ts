import fc from 'fast-check'
import { it } from 'vitest'
import { checkEnd } from './db-end.ts'
import { anything, counting, type Plan } from './db-plan.ts'
import { DbWorld } from './db-world.ts'
import { withVirtualTime } from './virtual-time.ts'

const MINUTE = 60_000
const RUNS = Number(process.env.SIMULATED_RUNS ?? 1000)

function holds(plans: fc.Arbitrary<Plan>, numRuns: number): Promise<void> {
  return withVirtualTime(() =>
    fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const world = new DbWorld(plan)
        await world.run()
        if (!world.failure) await checkEnd(world)
        if (world.failure) throw new Error(world.failure)
      }),
      { numRuns },
    ),
  )
}

it(
  'adds up whatever was added to rows, by whomever, once',
  () => holds(counting, RUNS / 2),
  5 * MINUTE,
)

it(
  'shows on every page what the log adds up to, whatever is written and goes wrong',
  () => holds(anything, RUNS / 2),
  5 * MINUTE,
)
