import type { DurableStream } from '../../src/core/index.ts'
import { appendInBursts } from './append-in-bursts.ts'
import { messageFor } from './message.ts'
import { pipe } from './pipe.ts'
import { produce } from './produce.ts'
import type { Scene } from './scene.ts'

/** Makes the stream, writes all messages in one of the ways there are, and closes it if that is planned. */
export async function runWriter(scene: Scene): Promise<void> {
  const { world, plan } = scene
  const { chance, core } = world
  const { contentType } = plan
  const stream = new core.DurableStream({
    ...scene.endpointOf(scene.named('writer')),
    ...(chance.happens(0.5) && { contentType }),
  })
  await insist(scene, () => stream.create({ contentType }))
  scene.created()

  if (plan.writing === 'append') await appendInBursts(scene, stream)
  else if (plan.writing === 'producer') await produce(scene)
  else await pipe(scene, stream)
  if (plan.isClosed && !world.failure) await close(scene, stream)
  world.trace(`${scene.named('writer')} is done`)
}

async function close(scene: Scene, stream: DurableStream): Promise<void> {
  const { world, ledger } = scene
  // It was piped to its end, and closed with that.
  if (scene.server.closed) return
  const ids = world.chance.happens(0.3) ? ledger.open(1) : []
  try {
    const told = await stream.close(...ids.map((id) => messageFor(scene, id)))
    if (ids.length > 0) ledger.acknowledged(ids, told)
  } catch (error) {
    ledger.refused(ids)
    judge(scene, error, ids.length > 0)
    await insist(scene, () => stream.close())
  }
}

/** Tries again until it succeeds, as a user would. */
async function insist(scene: Scene, run: () => Promise<unknown>): Promise<void> {
  const { world } = scene
  while (!world.failure && !scene.isDeleted) {
    try {
      await run()
      return
    } catch (error) {
      world.trace(`failed: ${String(error)}`)
      judge(scene, error, true)
      await world.sleep(1000)
    }
  }
}

/**
 * A write may fail because nobody answered, or because the server forgot who was writing: then it
 * does not know either that it was the same writer who closed the stream.
 */
export function judge(scene: Scene, error: unknown, mayHaveClosed = false): void {
  const { world } = scene
  if (scene.isDeleted) return
  const { retryable, name } = error as { retryable?: boolean; name?: string }
  const isClosed = name === 'StreamClosedError' && mayHaveClosed
  const isForgotten = (name === 'SequenceGapError' || isClosed) && world.hasForgotten
  if (retryable !== true && !isForgotten) world.fail(`a write failed by ${String(error)}`)
}
