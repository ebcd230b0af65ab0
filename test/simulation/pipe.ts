import type { DurableStream } from '../../src/core/index.ts'
import { messageFor } from './message.ts'
import type { Scene } from './scene.ts'
import { judge } from './writer.ts'

/** Pipes all messages: by `appendStream`, or into `writable`. */
export async function pipe(scene: Scene, stream: DurableStream): Promise<void> {
  const { world, plan, ledger } = scene
  const { chance, shared } = world
  const ids = ledger.open(plan.messages)
  const options = { signal: shared.signal, close: plan.isClosed && chance.happens(0.5) }
  let isLetGo = false

  async function* source(): AsyncGenerator<unknown> {
    try {
      for (const id of ids) {
        if (chance.happens(0.5)) await world.sleep(chance.between(0, plan.pauseMs))
        yield messageFor(scene, id)
      }
    } finally {
      isLetGo = true
    }
  }

  try {
    if (plan.writing === 'pipe')
      ledger.acknowledgedEach(ids, await stream.appendStream(source(), options))
    else {
      await readableFrom(source()).pipeTo(stream.writable(options))
      ledger.acknowledgedEach(ids)
    }
    world.trace(`acknowledged: ${ids}`)
  } catch (error) {
    world.trace(`failed: ${ids}: ${String(error)}`)
    ledger.refused(ids)
    judge(scene, error, options.close)
  }
  // It may have been busy when it was told.
  await world.sleep(plan.pauseMs)
  if (!isLetGo) world.fail('a source was piped to its end, or not, and is still held')
}

function readableFrom(source: AsyncGenerator<unknown>): ReadableStream<unknown> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await source.next()
      if (done) controller.close()
      else controller.enqueue(value)
    },
    cancel: () => void source.return(undefined),
  })
}
