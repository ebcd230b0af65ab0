import type { DurableStream } from '../../src/core/index.ts'
import { messageFor } from './message.ts'
import { ABORT_MS } from './reader.ts'
import type { Scene } from './scene.ts'
import type { World } from './world.ts'
import { judge } from './writer.ts'

/** Several calls of `append` and `appendAll` at once, again and again; some are aborted. */
export async function appendInBursts(scene: Scene, stream: DurableStream): Promise<void> {
  const { world, plan } = scene
  const { chance } = world
  let left = plan.messages
  while (left > 0) {
    await world.sleep(chance.between(0, plan.pauseMs))
    const burst: Promise<void>[] = []
    for (let calls = chance.between(1, 4); calls > 0 && left > 0; calls--) {
      const count = Math.min(left, chance.pick([1, 1, 1, 3]))
      left -= count
      burst.push(append(scene, stream, count))
    }
    // The next burst waits for this one, or joins it.
    if (chance.happens(0.7)) await Promise.all(burst)
    else world.background(Promise.all(burst))
  }
  await world.idle()
}

async function append(scene: Scene, stream: DurableStream, count: number): Promise<void> {
  const { world, ledger } = scene
  const { chance } = world
  const ids = ledger.open(count)
  const values = ids.map((id) => messageFor(scene, id))
  const isAborted = chance.happens(0.05)
  const controller = new AbortController()
  const options = { signal: isAborted ? controller.signal : world.shared.signal }
  let isSettled = false
  if (isAborted) world.background(abortSoon(world, controller, () => isSettled))
  try {
    const told =
      count === 1
        ? await stream.append(values[0]!, options)
        : await stream.appendAll(values, options)
    world.trace(`acknowledged: ${ids}`)
    ledger.acknowledged(ids, told)
  } catch (error) {
    ledger.refused(ids)
    world.trace(`failed: ${ids}: ${String(error)}`)
    if (!controller.signal.aborted) judge(scene, error)
  } finally {
    isSettled = true
  }
}

async function abortSoon(
  world: World,
  controller: AbortController,
  isSettled: () => boolean,
): Promise<void> {
  await world.sleep(world.chance.between(0, 500))
  controller.abort()
  await world.sleep(ABORT_MS)
  if (!isSettled()) world.fail('an append was aborted and goes on')
}
