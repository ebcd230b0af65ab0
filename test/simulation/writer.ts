import type { DurableStream } from '../../src/core/index.ts'
import { appendInBursts } from './append-in-bursts.ts'
import { messageFor } from './message.ts'
import { pipe } from './pipe.ts'
import { produce } from './produce.ts'
import type { World } from './world.ts'

/** Makes the stream, writes all messages in one of the ways there are, and closes it if that is planned. */
export async function runWriter(world: World): Promise<void> {
  const { chance, plan, core } = world
  const { contentType } = plan
  const stream = new core.DurableStream({
    ...world.endpointOf('writer'),
    ...(chance.happens(0.5) && { contentType }),
  })
  await insist(world, () => stream.create({ contentType }))
  world.created()

  if (plan.writing === 'append') await appendInBursts(world, stream)
  else if (plan.writing === 'producer') await produce(world)
  else await pipe(world, stream)
  if (plan.isClosed && !world.failure) await close(world, stream)
  world.trace('the writer is done')
}

async function close(world: World, stream: DurableStream): Promise<void> {
  // It was piped to its end, and closed with that.
  if (world.server.closed) return
  const ids = world.chance.happens(0.3) ? world.ledger.open(1) : []
  try {
    const told = await stream.close(...ids.map((id) => messageFor(world, id)))
    if (ids.length > 0) world.ledger.acknowledged(ids, told)
  } catch (error) {
    world.ledger.refused(ids)
    judge(world, error, ids.length > 0)
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
      judge(world, error, true)
      await world.sleep(1000)
    }
  }
}

/**
 * A write may fail because nobody answered, or because the server forgot who was writing: then it
 * does not know either that it was the same writer who closed the stream.
 */
export function judge(world: World, error: unknown, mayHaveClosed = false): void {
  const { retryable, name } = error as { retryable?: boolean; name?: string }
  const isClosed = name === 'StreamClosedError' && mayHaveClosed
  const isForgotten = (name === 'SequenceGapError' || isClosed) && world.hasForgotten
  if (retryable !== true && !isForgotten) world.fail(`a write failed by ${String(error)}`)
}
