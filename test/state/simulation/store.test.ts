import { it } from 'vitest'
import { checkEnd } from './store-end.ts'
import { actions, claims, counting, type Plan, values } from './store-plan.ts'
import { StoreWorld } from './store-world.ts'
import { holds, PATIENCE_MS, RUNS } from './plays.ts'

async function play(plan: Plan): Promise<string | undefined> {
  const world = new StoreWorld(plan)
  await world.run()
  if (!world.failure) await checkEnd(world)
  return world.failure
}

it(
  'counts every click that was not refused, once, on every page',
  () => holds(counting, RUNS * 3, play),
  PATIENCE_MS,
)

it(
  'loses no update of a value, whoever sets it, loses it or resets it',
  () => holds(values, RUNS * 3, play),
  PATIENCE_MS,
)

it(
  'lets only the first of many have what all want at once',
  () => holds(claims, RUNS * 2, play),
  PATIENCE_MS,
)

it(
  'applies every action once, in one order for all',
  () => holds(actions, RUNS * 3, play),
  PATIENCE_MS,
)
