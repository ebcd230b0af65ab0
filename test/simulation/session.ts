import type { StreamResponse, StreamStatus } from '../../src/core/index.ts'
import type { ReaderPlan } from './plan.ts'
import type { Witness } from './witness.ts'
import type { Tab } from './browser/tab.ts'
import type { Scene } from './scene.ts'

/** A reader is given no more at once that it did not take, in bytes. */
const LAG = 256 * 1024

/** `deleted`: the stream was. `died`: the tab did. */
export type Outcome = 'closed' | 'stopped' | 'gave-up' | 'failed' | 'deleted' | 'died'

export interface Session {
  name: string
  /** `gave-up`: it was never answered. */
  ended: Promise<Outcome>
  isOver: () => boolean
  /** Its consumer is at work on what it was given. */
  isBusy: () => boolean
  /** Where the client says that reading goes on. */
  offset: () => string | undefined
  stop: () => void
}

interface Deliveries {
  witness: Witness
  /** Where it begins. */
  offset: string
  /** Where it takes place, if in one. */
  tab: Tab | undefined
}

/** One call of `stream()` or `follow()`, read to its end in one of the ways there are. */
export function openSession(
  scene: Scene,
  plan: ReaderPlan,
  name: string,
  { witness, offset, tab }: Deliveries,
): Session {
  const { world } = scene
  const { chance, core } = world
  const own = new AbortController()
  const signal = tab
    ? own.signal
    : plan.isStopped
      ? AbortSignal.any([world.shared.signal, own.signal])
      : world.shared.signal
  const abort = (): void => tab!.gate(() => own.abort(world.shared.signal.reason))
  const listener = tab && { scene, tab, witness, isLive: false }
  const leave = (): void => {
    world.onAbort.delete(abort)
    if (listener) world.punctuality?.listeners.delete(listener)
  }
  if (listener && !plan.isSlow) world.punctuality?.listeners.add(listener)
  if (tab) {
    world.onAbort.add(abort)
    void tab.died.then(() => {
      leave()
      world.signals.delete(name)
    })
  }
  // Who reads text from the middle does not know how its first character began.
  const readsText = scene.plan.contentType === 'text/plain' && !plan.isStopped && !tab
  let status: StreamStatus['kind'] | undefined
  const onStatus = ({ kind }: StreamStatus): void => {
    status = kind
    if (listener && kind === 'live') listener.isLive = true
  }
  const onError = (error: unknown): object | undefined => (scene.mayRefuse(error) ? {} : undefined)
  const options = {
    ...scene.endpointOf(name, tab),
    ...{ offset, live: plan.live, signal, onStatus },
    ...(tab && { onError }),
  }
  world.signals.set(name, signal)
  let isAnswered = false
  let isStopped = false
  let isBusy = false
  let isOver = false
  let resumeAt: (() => string | undefined) | undefined
  let saved: string | undefined
  let stop = (): void => own.abort()

  /** Everything that is handed over goes through here. */
  async function take(look: () => void): Promise<void> {
    if (tab?.isDead) return new Promise(() => undefined)
    if (isStopped) return world.fail(`${name} was given something after it was stopped`)
    if (isBusy) world.fail(`${name} was given something before it was done with what came before`)
    isAnswered = plan.live !== false
    look()
    saved = resumeAt?.() ?? saved
    if (tab && scene.log().tail - witness.at > LAG) world.happened('reader-lagging')
    world.trace(`${name} has all to ${witness.at}`)
    if (!plan.isSlow) return
    isBusy = true
    await (tab ?? world).sleep(chance.between(1, 2000))
    isBusy = false
  }

  async function follow(): Promise<void> {
    const stream = new core.DurableStream(options)
    let last = offset
    resumeAt = () => last
    for await (const { items, offset: next, streamClosed } of stream.follow(options)) {
      last = next
      await take(() => witness.items(items, next))
      if (streamClosed) return
      if (isStopped) return
    }
    world.fail(`${name} ended before the stream`)
  }

  async function respond(): Promise<void> {
    const response = await core.stream(options)
    isAnswered = plan.live !== false
    resumeAt = () => response.offset
    if (chance.happens(0.5)) stop = () => response.cancel()
    if (plan.way === 'whole') return takeAll(response)
    if (plan.way === 'batches') {
      for await (const batch of response.jsonBatches()) {
        await take(() => witness.items(batch.items, batch.offset))
      }
    } else if (plan.way === 'readable') await readPieces(response)
    else subscribe(response)
    await response.closed
    if (!response.streamClosed && !isStopped && !world.shared.signal.aborted) {
      world.fail(`${name} ended before the stream`)
    }
  }

  async function takeAll(response: StreamResponse): Promise<void> {
    const { contentType } = scene.plan
    if (contentType === 'application/json') {
      const items = await response.json()
      await take(() => witness.items(items, response.offset))
    } else {
      const bytes = await response.body()
      await take(() => witness.bytes(bytes, response.offset))
    }
    if (!response.upToDate) world.fail(`${name} ended before the present end`)
    isStopped = !response.streamClosed
  }

  function subscribe(response: StreamResponse): void {
    const { contentType } = scene.plan
    let unsubscribe: () => void
    if (contentType === 'application/json') {
      unsubscribe = response.subscribeJson((given) =>
        take(() => witness.items(given.items, given.offset)),
      )
    } else if (readsText) {
      unsubscribe = response.subscribeText((given) =>
        take(() => witness.text(given.text, given.offset, given.streamClosed)),
      )
    } else {
      unsubscribe = response.subscribeBytes((given) =>
        take(() => witness.bytes(given.data, given.offset)),
      )
    }
    if (chance.happens(0.5)) stop = unsubscribe
  }

  async function readPieces(response: StreamResponse): Promise<void> {
    const pieces: ReadableStream<unknown> =
      scene.plan.contentType === 'application/json'
        ? response.jsonStream()
        : readsText
          ? response.textStream()
          : response.bodyStream()
    const reader = pieces.getReader()
    if (chance.happens(0.5)) stop = () => void reader.cancel()
    for (;;) {
      const { done, value } = await reader.read()
      // What it holds already it may still give.
      if (done || isStopped) return
      await take(() => (readsText ? witness.textPiece(value as string) : witness.piece(value)))
      if (!readsText) witness.mayResumeAt(response.offset)
    }
  }

  async function run(): Promise<Outcome> {
    try {
      await (plan.way === 'follow' ? follow() : respond())
      if (isStopped || world.shared.signal.aborted) return 'stopped'
      if (status !== 'closed') world.fail(`${name} ended with the stream, and says ${status}`)
      return 'closed'
    } catch (error) {
      if (isStopped || world.shared.signal.aborted) return 'stopped'
      if (scene.isDeleted && (error as { code?: string }).code === 'not-found') return 'deleted'
      if ((error as { retryable?: boolean }).retryable === true && !isAnswered) return 'gave-up'
      world.fail(`${name} ended by ${String(error)}`)
      return 'failed'
    } finally {
      isOver = true
      leave()
      world.trace(`${name} is over`)
    }
  }

  return {
    name,
    ended: tab ? tab.run(run) : run(),
    isOver: () => isOver,
    isBusy: () => isBusy,
    offset: () => (tab ? saved : resumeAt?.()),
    stop() {
      isStopped = true
      if (listener) world.punctuality?.listeners.delete(listener)
      if (tab) tab.run(stop)
      else stop()
    },
  }
}
