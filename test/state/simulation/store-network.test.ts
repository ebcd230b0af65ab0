import { it } from 'vitest'
import { NetworkWorld } from './network-world.ts'
import { clicks, type Plan } from './store-plan.ts'
import { holds, PATIENCE_MS, RUNS } from './plays.ts'

async function play(plan: Plan): Promise<string | undefined> {
  const world = new NetworkWorld(plan)
  await world.run()
  return world.failure
}

it(
  'counts every click once over requests that are lost, repeated, late and cut off',
  () => holds(clicks, RUNS, play),
  PATIENCE_MS,
)
