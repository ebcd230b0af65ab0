import fc from 'fast-check'
import { it } from 'vitest'
import { NetworkWorld } from './network-world.ts'
import { clicks, type Plan } from './store-plan.ts'
import { withVirtualTime } from './virtual-time.ts'

const RUNS = Number(process.env.SIMULATED_RUNS ?? 1000)
const MINUTE = 60_000

function holds(plans: fc.Arbitrary<Plan>, numRuns: number): Promise<void> {
  return withVirtualTime(() =>
    fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const world = new NetworkWorld(plan)
        await world.run()
        if (world.failure) throw new Error(world.failure)
      }),
      { numRuns },
    ),
  )
}

it(
  'counts every click once over requests that are lost, repeated, late and cut off',
  () => holds(clicks, RUNS),
  10 * MINUTE,
)
