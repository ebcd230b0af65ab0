import type { JsonBatch } from '../../../src/core/batch.ts'
import { SequenceGapError } from '../../../src/core/append-error.ts'
import { StreamError, type StreamErrorCode } from '../../../src/core/errors.ts'
import type { ReadOptions } from '../../../src/core/read-options.ts'
import type { StateStream } from '../../../src/state/db/state-stream.ts'
import type { Chance } from '../../simulation/chance.ts'
import type { VirtualClock } from '../../simulation/clock.ts'
import type { Claim, SimulatedServer } from './simulated-server.ts'

/** How bad a network is: how likely each fault is, for one request. */
export interface Weather {
  /** The connection breaks, before or after the server acted. */
  lost: number
  /** The server says no for good. */
  refused: number
  /** It is stored, and yet the last answer says no: a retry that an expired token met. */
  ambiguous: number
  /** Most milliseconds that one way takes. */
  slowMs: number
  /** Most events in one answer. */
  page: number
}

export const FAIR_WEATHER: Weather = { lost: 0, refused: 0, ambiguous: 0, slowMs: 20, page: 100 }

export interface LineOptions {
  url: string
  server: SimulatedServer
  clock: VirtualClock
  chance: Chance
  weather: () => Weather
  /** A batch is about to be handed over. */
  onBatch?: (batch: JsonBatch) => void
  /** The events of one append are refused. `mayBeStored` says that they may be there nevertheless. */
  onRefused?: (texts: readonly string[], mayBeStored: boolean) => void
  /** What an earlier life of the stream may have stored is stored by a later one. */
  onRepeated?: (texts: readonly string[]) => void
}

/** One client's way to the server. It behaves as the client's own stream does, and fails as that may. */
export interface SimulatedLine extends StateStream {
  /** The process ends: nothing is told any more, and nothing leaves that has not left yet. */
  kill: () => void
  /** Reads that go on. */
  readonly readers: number
}

interface Write {
  texts: string[]
  resolve: (appended: { offset: string }) => void
  reject: (error: unknown) => void
}

const REFUSALS: readonly StreamErrorCode[] = ['forbidden', 'bad-request', 'too-large', 'closed']
const NEVER = new Promise<never>(() => undefined)
let requests = 0

// Longer than most files: what may happen to a request stands together.
export function createLine(options: LineOptions): SimulatedLine {
  const { url, server, clock, chance, weather, onBatch } = options
  const queue: Write[] = []
  let isDraining = false
  let isDead = false
  let readers = 0

  /** One way through the network. */
  const way = (): number => chance.between(0, weather().slowMs)

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (isDead) return NEVER
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const callOff = clock.after(ms, () => {
        signal?.removeEventListener('abort', abandon)
        if (!isDead) resolve()
      })
      const abandon = (): void => {
        callOff()
        reject(signal!.reason)
      }
      signal?.addEventListener('abort', abandon, { once: true })
    })
  }

  /** A request on its way, which arrives also when its sender is gone. */
  function arrive<Answer>(act: () => Answer): Promise<Answer> {
    if (isDead) return NEVER
    return new Promise((resolve) => {
      clock.after(way(), () => {
        const answer = act()
        if (!isDead) resolve(answer)
      })
    })
  }

  /** Until the server has more than what is before `offset`. */
  function news(offset: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const leave = server.watch(() => {
        if (!server.hasNews(offset)) return
        signal?.removeEventListener('abort', abandon)
        leave()
        if (!isDead) resolve()
      })
      const abandon = (): void => {
        leave()
        reject(signal!.reason)
      }
      signal?.addEventListener('abort', abandon, { once: true })
    })
  }

  async function* follow(read: ReadOptions = {}): AsyncGenerator<JsonBatch, void> {
    const { offset = '-1', live = true, signal, onStatus, onReset } = read
    let at = offset
    let isLive = false
    readers++
    try {
      signal?.throwIfAborted()
      onStatus?.({ kind: 'connecting' })
      for (;;) {
        if (isLive && !server.hasNews(at)) await news(at, signal)
        await sleep(way(), signal)
        if (chance.happens(weather().lost)) {
          await offline(onStatus, signal)
          isLive = false
          continue
        }
        const page = server.read(at, weather().page)
        await sleep(way(), signal)
        if (!page) {
          const isThere = server.exists
          const error = new StreamError(
            isThere ? 'gone' : 'not-found',
            'The server lost the stream',
          )
          at = (await onReset?.(error)) || '-1'
          isLive = false
          continue
        }
        at = page.offset
        isLive = page.upToDate
        if (isDead) await NEVER
        onStatus?.({ kind: isLive ? 'live' : 'catching-up' })
        const batch = { ...page, streamClosed: false }
        onBatch?.(batch)
        yield batch
        if (isDead) await NEVER
        if (isLive && !live) return
      }
    } finally {
      readers--
    }
  }

  async function offline(
    onStatus: ReadOptions['onStatus'],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const waitMs = chance.between(1, 2000)
    const cause = new StreamError('disconnected', 'The line is cut')
    onStatus?.({ kind: 'offline', retryAt: clock.now + waitMs, cause })
    await sleep(waitMs, signal)
    onStatus?.({ kind: 'connecting' })
  }

  async function create(): Promise<void> {
    while (chance.happens(weather().lost)) await sleep(chance.between(1, 2000))
    await sleep(way())
    server.create()
    await sleep(way())
  }

  /** One request at a time; what is appended meanwhile joins into the next. */
  async function drain(): Promise<void> {
    while (queue.length > 0) {
      const writes = queue.splice(0, chance.happens(0.9) ? queue.length : 1)
      const texts = writes.flatMap((write) => write.texts)
      const told = await send(texts)
      for (const write of writes) {
        if (told instanceof StreamError) write.reject(told)
        else write.resolve({ offset: told })
      }
    }
    isDraining = false
  }

  /** Sends until there is an answer. @returns the offset, or why it is refused. */
  async function send(texts: readonly string[], claim?: Claim): Promise<string | StreamError> {
    const request = `request ${++requests}`
    // Nobody remembers a producer whose very first write it was.
    const isFirst = chance.happens(0.5)
    let life: number | undefined
    for (;;) {
      if (chance.happens(weather().lost / 2)) {
        life ??= server.life
        await sleep(chance.between(1, 2000))
        continue
      }
      if (chance.happens(weather().refused)) {
        await sleep(way())
        return refuse(texts, life !== undefined)
      }
      const answer = await arrive(() => {
        const isForgotten = life !== undefined && life !== server.life && !isFirst
        return claim ? server.appendAs(claim, texts) : server.append(request, texts, isForgotten)
      })
      const offset = server.tail
      if (answer === 'stored' && life !== undefined && life !== server.life) {
        options.onRepeated?.(texts)
      }
      if (chance.happens(weather().lost)) {
        life ??= server.life
        await sleep(chance.between(1, 2000))
        continue
      }
      if (answer === 'stored' && chance.happens(weather().ambiguous)) return refuse(texts, true)
      const { losses, life: lifeThen } = server
      await sleep(way())
      // A server that starts over answers nothing that it was asked before.
      if (losses !== server.losses) {
        life ??= lifeThen
        continue
      }
      if (answer === 'not-found') return new StreamError('not-found', 'There is no such stream')
      if (answer === 'forgotten') return forgotten(texts, claim)
      return offset
    }
  }

  async function refuse(texts: readonly string[], mayBeStored: boolean): Promise<StreamError> {
    await sleep(way())
    return tellRefused(texts, chance.pick(REFUSALS), mayBeStored)
  }

  function tellRefused(
    texts: readonly string[],
    code: StreamErrorCode,
    mayBeStored: boolean,
  ): StreamError {
    options.onRefused?.(texts, mayBeStored)
    return new StreamError(code, `The server says: ${code}`, { status: 403 })
  }

  function forgotten(texts: readonly string[], claim: Claim | undefined): StreamError {
    if (!claim) return tellRefused(texts, 'conflict', true)
    return new SequenceGapError('conflict', 'Earlier writes are missing', { status: 409 })
  }

  async function appendAs(claim: Claim, values: readonly unknown[]): Promise<{ offset: string }> {
    const told = await send(
      values.map((value) => JSON.stringify(value)),
      { ...claim },
    )
    if (told instanceof StreamError) throw told
    return { offset: told }
  }

  function appendAll(values: readonly unknown[]): Promise<{ offset: string }> {
    const texts = values.map((value) => JSON.stringify(value))
    return new Promise((resolve, reject) => {
      queue.push({ texts, resolve, reject })
      if (isDraining || isDead) return
      isDraining = true
      queueMicrotask(() => void drain())
    })
  }

  return {
    url,
    create,
    follow,
    appendAll,
    appendAs,
    append: (event) => appendAll([event]),
    kill: () => void (isDead = true),
    get readers() {
      return readers
    },
  }
}
