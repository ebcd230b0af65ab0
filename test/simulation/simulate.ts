import { getEventListeners } from 'node:events'
import type { Fault } from './faults.ts'
import { collectGarbage, enter, settle } from './globals.ts'
import { forgetTabs } from './browser/tab.ts'
import type { Incident } from './plan.ts'
import { ABORT_MS, runReader } from './reader.ts'
import type { ClientModule } from './client.ts'
import type { Scene } from './scene.ts'
import { World } from './world.ts'
import { runWriter } from './writer.ts'

export interface Outcome {
  seed: number
  /** What went wrong first. */
  failure: string | undefined
  faults: ReadonlyMap<Fault, number>
  requests: number
  messages: number
  virtualMs: number
}

/** Nobody has reason to be at it longer than this, in milliseconds, once all is well. */
const PATIENCE_MS = 400_000

/** Requests that the network repeats or delays have arrived after this, in milliseconds. */
const ECHO_MS = 30_000

/** What is shared is let go after this, in milliseconds. */
const SHARED_MS = 4000

/** In every so many seeds garbage is collected, every so many steps: it takes time. */
const COLLECTED = { seeds: 200, steps: 40 }

let current: World | undefined

process.on('unhandledRejection', (reason) => {
  current?.fail(`a rejection was not handled: ${String(reason)}`)
})
process.on('uncaughtException', (error) => current?.fail(`nobody caught ${String(error)}`))

/** Plays one seed to its end. The same seed and the same client give the same outcome. */
export async function simulate(
  client: ClientModule,
  seed: number,
  trace?: (line: string) => void,
): Promise<Outcome> {
  const world = new World(client, seed, trace)
  const { clock, plan } = world
  current = world
  enter(clock, world.chance.random)
  for (const { atMs, what, forMs } of plan.incidents) {
    clock.after(atMs, () => befall(world, what, forMs))
  }
  clock.after(plan.healMs, () => world.heal())

  let isOver = false
  void live(world).then(() => (isOver = true))
  await settle()
  for (let steps = 1; !isOver && !world.failure; steps++) {
    if (seed % COLLECTED.seeds === 0 && steps % COLLECTED.steps === 0) collectGarbage()
    if (!step(world)) world.fail('nobody will ever do anything more')
    if (clock.elapsedMs > plan.healMs + PATIENCE_MS)
      world.fail(`${[...world.waiting()]} never ends`)
    await settle()
  }
  if (!world.failure) await checkRest(world)
  forgetTabs()
  const { failure, faults, rate, scenes } = world
  const messages = scenes.reduce((sum, { ledger }) => sum + ledger.stored, 0)
  return {
    ...{ seed, failure, faults },
    ...{ requests: rate.total, messages, virtualMs: clock.elapsedMs },
  }
}

/** What a timer throws nobody can catch. */
function step(world: World): boolean {
  try {
    return world.clock.step()
  } catch (error) {
    world.fail(`nobody caught ${String(error)}`)
    return true
  }
}

async function live(world: World): Promise<void> {
  const { plan, shared, clock, chance, scenes } = world
  const writers = scenes.map((scene) => world.involve(scene.named('writer'), runWriter(scene)))
  const readers: Promise<void>[] = []
  const started = scenes.map(async (scene) => {
    const { readers: own, deletedMs } = scene.plan
    await scene.isCreated
    if (deletedMs !== undefined) clock.after(deletedMs, () => remove(scene))
    readers.push(...own.map((reader) => world.involve(reader.name, runReader(scene, reader))))
  })
  await started[0]
  await Promise.all(writers)
  await Promise.all(started)
  if (plan.streams.some(({ isClosed }) => !isClosed)) {
    await world.sleep(chance.between(0, plan.sharing ? 5000 : 20_000))
    // A tab that stands still could not be told.
    if (plan.sharing) await world.sleep(Math.max(0, plan.healMs + 1 - clock.elapsedMs))
    world.trace('── all is aborted')
    shared.abort()
    for (const abort of world.onAbort) abort()
    await world.sleep(letGoMs(world))
    if (clock.clientTimers > 0) world.fail(`${clock.clientTimers} timers outlive the abort`)
  }
  await Promise.all(readers)
}

/** All have ended: nothing is left behind, and nothing comes after. */
async function checkRest(world: World): Promise<void> {
  const { clock, network, plan, scenes, signals, shared, browser } = world
  // Tabs that stand still until all is well let nothing go before.
  const end = plan.sharing ? clock.now + Math.max(0, plan.healMs - clock.elapsedMs) : clock.now
  for (;;) {
    const { clientTimers } = clock
    const since = Math.max(end, world.wokeAt)
    if (clock.now >= since + letGoMs(world) && clientTimers > 0)
      world.fail(`${clientTimers} timers are left`)
    if (clock.now > since + ECHO_MS || world.failure || !step(world)) break
    await settle()
  }
  for (const exchange of network.open) world.fail(`${exchange} is left open`)
  for (const [name, signal] of [['all', shared.signal] as const, ...signals]) {
    const left = getEventListeners(signal, 'abort').length
    if (left > 0) world.fail(`${name} left ${left} listeners on its signal`)
  }
  for (const what of browser?.left ?? []) world.fail(`${what} is left`)
  for (const { ledger, isDeleted } of scenes) if (!isDeleted) ledger.check()
}

/** What is shared may be kept a little while for who comes next. */
function letGoMs({ plan }: World): number {
  return plan.sharing ? SHARED_MS : ABORT_MS
}

function remove({ world, server }: Scene): void {
  if (world.network.isHealed || server.closed) return
  world.happened('stream-deleted')
  server.delete()
}

function befall(world: World, what: Incident, forMs: number): void {
  const { network, clock, happened } = world
  world.trace(`── ${what}`)
  if (what === 'outage' || what === 'black-hole') return network.fall(what, forMs)
  if (what !== 'sleep') return world.restart(what === 'restart-forgetting')
  happened(what)
  clock.sleep(forMs)
  world.wokeAt = clock.now
}
