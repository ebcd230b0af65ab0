import type { ReaderPlan } from './plan.ts'
import { openSession, type Session } from './session.ts'
import { Witness } from './witness.ts'
import type { Tab } from './browser/tab.ts'
import type { Scene } from './scene.ts'
import type { World } from './world.ts'

/** Who cancels or aborts has peace after so long, in milliseconds. */
export const ABORT_MS = 10

/** Reads until the stream closes or all is aborted; one that is stopped now and then goes on later. */
export async function runReader(scene: Scene, plan: ReaderPlan): Promise<void> {
  const { world } = scene
  const { chance, clock, shared, browser } = world
  // Who reads all at once waits between.
  const pauseMs = plan.live === false ? 5000 : 2000
  const witness = new Witness(scene.log, (what) => world.fail(`${plan.name}: ${what}`))
  let offset = '-1'
  for (let part = 1; ; part++) {
    const tab = plan.tab === undefined ? undefined : await browser!.at(plan.tab)
    if (shared.signal.aborted) return
    const session = openSession(scene, plan, `${plan.name}/${part}`, { witness, offset, tab })
    const ended = tab ? Promise.race([session.ended, tab.died]) : session.ended
    const isOver = ended.then(() => true)
    const stopMs = chance.between(0, 8000)
    const mayStop = plan.isStopped && clock.elapsedMs < world.plan.healMs
    const isEnded = await (mayStop
      ? Promise.race([isOver, world.sleep(stopMs).then(() => false)])
      : isOver)
    if (!isEnded) await stop(world, session, tab)

    const outcome = await ended
    if (outcome === 'closed') return witness.end()
    if (outcome === 'deleted') return
    if (shared.signal.aborted || world.failure) return
    offset = session.offset() ?? offset
    witness.goBackTo(offset)
    await world.sleep(outcome === 'gave-up' ? 1000 : chance.between(0, pauseMs))
    if (shared.signal.aborted) return
  }
}

/** A reading that is stopped ends within a moment, and asks for nothing more. */
async function stop(world: World, session: Session, tab: Tab | undefined): Promise<void> {
  const { name } = session
  while (tab?.isStopped && !tab.isDead) await world.sleep(100)
  if (session.isOver()) return
  const stops = tab?.stops
  world.trace(`${name} is stopped`)
  session.stop()
  const requests = world.rate.countOf(name)
  await world.sleep(ABORT_MS)
  if (tab?.isDead || tab?.stops !== stops) return
  if (!session.isOver() && !session.isBusy()) world.fail(`${name} was stopped and goes on`)
  if (world.rate.countOf(name) > requests) world.fail(`${name} was stopped and asked again`)
  for (const exchange of world.network.open) {
    if (exchange.user === name) world.fail(`${name} was stopped, and ${exchange} is still open`)
  }
}
