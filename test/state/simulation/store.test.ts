import fc from 'fast-check'
import { it } from 'vitest'
import { checkEnd } from './store-end.ts'
import { actions, claims, counting, type Plan, values } from './store-plan.ts'
import { StoreWorld } from './store-world.ts'
import { withVirtualTime } from './virtual-time.ts'

const MINUTE = 60_000
const RUNS = Number(process.env.SIMULATED_RUNS ?? 1000)

function holds(plans: fc.Arbitrary<Plan>, numRuns: number): Promise<void> {
  return withVirtualTime(() =>
    fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const world = new StoreWorld(plan)
        await world.run()
        if (!world.failure) await checkEnd(world)
        if (world.failure) throw new Error(world.failure)
      }),
      { numRuns },
    ),
  )
}

it(
  'counts every click that was not refused, once, on every page',
  () => holds(counting, RUNS * 3),
  5 * MINUTE,
)

it(
  'loses no update of a value, whoever sets it, loses it or resets it',
  () => holds(values, RUNS * 3),
  5 * MINUTE,
)

it(
  'lets only the first of many have what all want at once',
  () => holds(claims, RUNS * 2),
  5 * MINUTE,
)

it('applies every action once, in one order for all', () => holds(actions, RUNS * 3), 5 * MINUTE)
