import { untilAborted } from './abort.ts'
import type { Batch, Position } from './batch.ts'
import { type Connect, connectTo, type Reading } from './connect.ts'
import { delay } from './delay.ts'
import type { Endpoint } from './endpoint.ts'
import { asStreamError, StreamError } from './errors.ts'
import { isPageHidden, openLine } from './line.ts'
import { loadLive } from './live.ts'
import { newIn } from './newness.ts'
import { BEGINNING } from './protocol.ts'
import type { ReadOptions } from './read-options.ts'
import { type Phase, phaseAfter } from './read-state.ts'
import { createRecovery } from './recovery.ts'
import { disconnected } from './response-error.ts'
import type { StreamStatus } from './status.ts'
import type { TransportChoice } from './transport.ts'

/** A proxy that lets no byte of SSE through for so long, in milliseconds, holds it back. */
const SSE_SILENCE_MS = 10_000

/** Answers that come at once and bring nothing are asked for this far apart: 0.2 s, 0.4 s, … 1 s. */
const STALL_MS = 200
const MAX_STALL_MS = 1000

/** A connection that ends within this time has not worked, unless it brought data, in milliseconds. */
const SHORT_MS = 1000

/**
 * Gives every batch after `offset`, over as many connections as it takes, until the stream closes, or
 * is up to date and `live` is false. The one reader of streams: all else consumes it.
 *
 * @param reading what users ask for; it takes what `onError` changes, and what answers tell.
 * @param connect how it asks `endpoint`.
 * @throws {StreamError} for an answer that waiting will not improve, for a server that does not
 *   answer in `backoff.maxAttempts` tries, and `gone` for one that went back before `offset`.
 * @throws the reason of `signal`, when it aborts.
 */
export async function* follow(
  endpoint: Pick<Endpoint, 'backoff' | 'timeoutMs'>,
  reading: ReadOptions & Reading,
  signal: AbortSignal | undefined,
  connect: Connect = connectTo(endpoint as Endpoint, reading),
): AsyncGenerator<Batch, void> {
  const { offset, live = true, pauseWhenHidden = true } = reading
  const backoff = { ...endpoint.backoff, ...reading.backoff }
  // Servers hold a live read for up to a minute.
  const timeoutMs = endpoint.timeoutMs * 1.5
  const onStatus = onChange(reading.onStatus)
  const recovery = createRecovery(reading, live, backoff, onStatus, signal)
  let transport: TransportChoice | undefined
  let phase: Phase = 'catching-up'
  // The beginning has one URL, so that caches hold it once.
  let position: Position & Partial<Batch> = { offset: offset || BEGINNING }
  let stalls = 0
  let isStale = false

  // On its way while history is read.
  if (live) void loadLive()
  onStatus({ kind: 'connecting' })
  while (phase === 'catching-up' || phase === 'live') {
    if (phase === 'live') {
      transport ??= (await untilAborted(loadLive(), signal))?.chooseTransport(live)
    }
    // Long-poll works where the rest cannot be loaded.
    const asked = phase === 'live' ? (transport?.current() ?? 'long-poll') : undefined
    const pauses = !!asked && pauseWhenHidden
    const isPaused = (): boolean => pauses && isPageHidden()
    while (isPaused()) {
      onStatus({ kind: 'idle' })
      await delay(2 ** 30, signal)
    }
    const from = position.offset
    const wasPhase = phase
    const startedAt = Date.now()
    const firstMs = asked === 'sse' ? Math.min(SSE_SILENCE_MS, timeoutMs) : timeoutMs
    const line = openLine(signal, timeoutMs, firstMs, pauses)
    let spoke = false
    let failure: StreamError | undefined
    try {
      for await (const batch of await connect(position, asked, isStale, line)) {
        const news = newIn(batch, position, isStale)
        spoke = true
        recovery.answered()
        position = news
        phase = phaseAfter(news, phase, live)
        onStatus({ kind: phase })
        yield news
      }
    } catch (error) {
      signal?.throwIfAborted()
      // A page that was hidden meanwhile goes on when it is shown.
      if (isPaused()) continue
      failure = error instanceof StreamError ? error : disconnected('The read', error)
    } finally {
      line.close()
    }
    const isShort = Date.now() - startedAt < SHORT_MS
    const broughtData = position.offset !== from
    const isOdd = asked && transport?.ended(broughtData || (spoke && !isShort), failure)
    let gapMs: number
    if (failure) {
      phase = 'catching-up'
      gapMs = Math.min(STALL_MS, 2 * backoff.firstDelayMs)
      isStale = !isOdd
      const offset = isStale && (await recovery.failed(failure))
      if (offset) position = { offset }
    } else {
      isStale = isShort && !broughtData && phase === wasPhase
      stalls = isStale ? stalls + 1 : 0
      gapMs = Math.min(MAX_STALL_MS, STALL_MS * stalls)
      // Who is behind catches up by plain reads, which caches answer too.
      if (phase === 'live' && !position.upToDate) phase = 'catching-up'
    }
    // Whatever goes wrong, and however often: no server, proxy or cache is stormed.
    const pauseMs = startedAt + gapMs - Date.now()
    if (pauseMs > 0) await delay(pauseMs, signal)
  }
}

/** Passes a status on when it is another kind than the last; each time offline has its own retry. */
function onChange(onStatus?: (status: StreamStatus) => void): (status: StreamStatus) => void {
  let last: StreamStatus['kind'] | undefined
  return (status) => {
    if (status.kind === last && status.kind !== 'offline') return
    last = status.kind
    try {
      onStatus?.(status)
    } catch (error) {
      // Not the network's fault: it ends the reading.
      throw asStreamError(error, 'onStatus')
    }
  }
}
