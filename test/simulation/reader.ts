import type { ReaderPlan } from './plan.ts'
import { openSession, type Session } from './session.ts'
import { Witness } from './witness.ts'
import type { World } from './world.ts'

/** Who cancels or aborts has peace after so long, in milliseconds. */
export const ABORT_MS = 10

/** Reads until the stream closes or all is aborted; one that is stopped now and then goes on later. */
export async function runReader(world: World, plan: ReaderPlan): Promise<void> {
  const { chance, clock, shared } = world
  // Who reads all at once waits between.
  const pauseMs = plan.live === false ? 5000 : 2000
  const witness = new Witness(world.log, (what) => world.fail(`${plan.name}: ${what}`))
  let offset = '-1'
  for (let part = 1; ; part++) {
    const session = openSession(world, plan, `${plan.name}/${part}`, { witness, offset })
    const isOver = session.ended.then(() => true)
    const stopMs = chance.between(0, 8000)
    const mayStop = plan.isStopped && clock.elapsedMs < world.plan.healMs
    const isEnded = await (mayStop
      ? Promise.race([isOver, world.sleep(stopMs).then(() => false)])
      : isOver)
    if (!isEnded) await stop(world, session)

    const outcome = await session.ended
    if (outcome === 'closed') return witness.end()
    if (shared.signal.aborted || world.failure) return
    offset = session.offset() ?? offset
    witness.goBackTo(offset)
    await world.sleep(outcome === 'gave-up' ? 1000 : chance.between(0, pauseMs))
    if (shared.signal.aborted) return
  }
}

/** A reading that is stopped ends within a moment, and asks for nothing more. */
async function stop(world: World, session: Session): Promise<void> {
  const { name } = session
  world.trace(`${name} is stopped`)
  session.stop()
  const requests = world.rate.countOf(name)
  await world.sleep(ABORT_MS)
  if (!session.isOver() && !session.isBusy()) world.fail(`${name} was stopped and goes on`)
  if (world.rate.countOf(name) > requests) world.fail(`${name} was stopped and asked again`)
  for (const exchange of world.network.open) {
    if (exchange.user === name) world.fail(`${name} was stopped, and ${exchange} is still open`)
  }
}
