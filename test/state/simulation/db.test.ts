import { it } from 'vitest'
import { checkEnd } from './db-end.ts'
import { anything, counting, type Plan } from './db-plan.ts'
import { DbWorld } from './db-world.ts'
import { holds, PATIENCE_MS, RUNS } from './plays.ts'

async function play(plan: Plan): Promise<string | undefined> {
  const world = new DbWorld(plan)
  await world.run()
  if (!world.failure) await checkEnd(world)
  return world.failure
}

it(
  'adds up whatever was added to rows, by whomever, once',
  () => holds(counting, RUNS / 2, play),
  PATIENCE_MS,
)

it(
  'shows on every page what the log adds up to, whatever is written and goes wrong',
  () => holds(anything, RUNS / 2, play),
  PATIENCE_MS,
)
