import type { BackoffPolicy } from './backoff.ts'
import type { Batch, Position } from './batch.ts'
import type { Connect } from './connect.ts'
import { delay } from './delay.ts'
import { asStreamError } from './errors.ts'
import { isPageHidden, openLine } from './line.ts'
import { newIn, wentBack } from './newness.ts'
import { type LiveMode, type Phase, phaseAfter } from './read-state.ts'
import { createRecovery, type RecoveryOptions } from './recovery.ts'
import type { StreamStatus } from './status.ts'
import { chooseTransport } from './transport.ts'

export interface FollowOptions extends Pick<RecoveryOptions, 'onError' | 'onReset' | 'extend'> {
  connect: Connect
  from: Position
  live: LiveMode
  backoff: BackoffPolicy
  signal: AbortSignal
  /** Silence after which a request counts as lost, in milliseconds. */
  timeoutMs: number
  pauseWhenHidden: boolean
  onStatus?: ((status: StreamStatus) => void) | undefined
}

/** A proxy that lets no byte of SSE through for so long, in milliseconds, holds it back. */
const SSE_SILENCE_MS = 10_000

/** Answers that come at once and bring nothing are asked for this far apart: 0.2 s, 0.4 s, … 1 s. */
const STALL_MS = 200
const MAX_STALL_MS = 1000

/**
 * Gives every batch after `from`, over as many connections as it takes, until the stream closes, or
 * is up to date and `live` is false. The one reader of streams: all else consumes it.
 *
 * @throws {StreamError} for an answer that waiting will not improve, for a server that does not
 *   answer in `backoff.maxAttempts` tries, and `gone` for one that went back before `from`.
 * @throws the reason of `signal`, when it aborts.
 */
export async function* follow(options: FollowOptions): AsyncGenerator<Batch, void> {
  const { connect, live, signal, backoff, timeoutMs, pauseWhenHidden } = options
  const onStatus = onChange(options.onStatus)
  const recovery = createRecovery({ ...options, onStatus })
  const transport = chooseTransport(live)
  let phase: Phase = 'catching-up'
  let position = options.from
  let stalls = 0

  onStatus({ kind: 'connecting' })
  while (phase === 'catching-up' || phase === 'live') {
    const asked = phase === 'live' ? transport.current() : undefined
    const pauses = !!asked && pauseWhenHidden
    const isPaused = (): boolean => pauses && isPageHidden()
    while (isPaused()) {
      onStatus({ kind: 'idle' })
      await delay(2 ** 30, signal)
    }
    const from = position.offset
    const wasPhase = phase
    const startedAt = Date.now()
    const isStale = recovery.failures() + stalls > 0
    const firstMs = asked === 'sse' ? Math.min(SSE_SILENCE_MS, timeoutMs) : timeoutMs
    const line = openLine(signal, timeoutMs, firstMs, pauses)
    let spoke = false
    const ended = (error?: unknown): boolean =>
      !!asked && transport.ended(position.offset !== from, spoke, Date.now() - startedAt, error)
    let gapMs = Math.min(STALL_MS, 2 * backoff.firstDelayMs)
    try {
      for await (const batch of connect(position, asked, isStale, line)) {
        const news = newIn(batch, position)
        if (!news) throw wentBack(position, batch, isStale)
        spoke = true
        recovery.answered()
        position = news
        phase = phaseAfter(news, phase, live)
        onStatus({ kind: phase })
        yield news
      }
      ended()
      const isStall =
        position.offset === from && phase === wasPhase && Date.now() - startedAt < MAX_STALL_MS
      stalls = isStall ? stalls + 1 : 0
      gapMs = Math.min(MAX_STALL_MS, STALL_MS * stalls)
    } catch (error) {
      signal.throwIfAborted()
      // A page that was hidden meanwhile goes on when it is shown.
      if (isPaused()) continue
      phase = 'catching-up'
      const offset = ended(error) ? undefined : await recovery.failed(error)
      if (offset) position = { offset }
    } finally {
      line.close()
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
