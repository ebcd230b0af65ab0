import type { DurableStream } from '../../src/core/index.ts'
import { messageFor } from './message.ts'
import { ABORT_MS } from './reader.ts'
import type { World } from './world.ts'

/** Appends in bursts, and closes the stream in the end if that is planned. */
export async function runWriter(world: World): Promise<void> {
  const { chance, plan, core } = world
  const stream = new core.DurableStream({
    ...world.endpointOf('writer'),
    ...(chance.happens(0.5) && { contentType: plan.contentType }),
  })
  await insist(world, () => stream.create({ contentType: plan.contentType }))
  world.created()

  let left = plan.messages
  while (left > 0) {
    await world.sleep(chance.between(0, plan.pauseMs))
    const burst: Promise<void>[] = []
    for (let calls = chance.between(1, 4); calls > 0 && left > 0; calls--) {
      const count = Math.min(left, chance.pick([1, 1, 1, 3]))
      left -= count
      burst.push(append(world, stream, count))
    }
    // The next burst waits for this one, or joins it.
    if (chance.happens(0.7)) await Promise.all(burst)
    else world.background(Promise.all(burst))
  }
  await world.idle()
  if (plan.isClosed) await close(world, stream)
  world.trace('the writer is done')
}

async function append(world: World, stream: DurableStream, count: number): Promise<void> {
  const { ledger, chance } = world
  const ids = ledger.open(count)
  const values = ids.map((id) => messageFor(world, id))
  const isAborted = chance.happens(0.05)
  const controller = new AbortController()
  const options = { signal: isAborted ? controller.signal : world.shared.signal }
  let isSettled = false
  if (isAborted) world.background(abortSoon(world, controller, () => isSettled))
  try {
    const given =
      count === 1
        ? await stream.append(values[0]!, options)
        : await stream.appendAll(values, options)
    world.trace(`acknowledged: ${ids}`)
    ledger.acknowledged(ids, given)
  } catch (error) {
    ledger.refused(ids)
    world.trace(`failed: ${ids}: ${String(error)}`)
    if (!controller.signal.aborted) judge(world, error)
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

async function close(world: World, stream: DurableStream): Promise<void> {
  const ids = world.chance.happens(0.3) ? world.ledger.open(1) : []
  try {
    await stream.close(...ids.map((id) => messageFor(world, id)))
    if (ids.length > 0) world.ledger.acknowledged(ids)
  } catch (error) {
    world.ledger.refused(ids)
    judge(world, error)
    await insist(world, () => stream.close())
  }
}

/** Tries again until it succeeds, as a user would. */
async function insist(world: World, run: () => Promise<unknown>): Promise<void> {
  while (!world.failure) {
    try {
      await run()
      return
    } catch (error) {
      world.trace(`failed: ${String(error)}`)
      judge(world, error)
      await world.sleep(1000)
    }
  }
}

/** A write may fail because nobody answered, or because the server forgot who was writing. */
function judge(world: World, error: unknown): void {
  const { retryable, name } = error as { retryable?: boolean; name?: string }
  const isForgotten = name === 'SequenceGapError' && world.hasForgotten
  if (retryable !== true && !isForgotten) world.fail(`a write failed by ${String(error)}`)
}
