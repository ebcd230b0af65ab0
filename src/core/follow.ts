import type { BackoffPolicy } from './backoff.ts'
import type { Batch, Position } from './batch.ts'
import type { Ask, Connect } from './connect.ts'
import { delay } from './delay.ts'
import { StreamError } from './errors.ts'
import { BEGINNING, NOW } from './protocol.ts'
import { afterBatch, afterFailure, type LiveMode, type ReadState } from './read-state.ts'
import { createRecovery } from './recovery.ts'
import type { StreamStatus } from './status.ts'
import { chooseTransport } from './transport.ts'

export interface FollowOptions {
  connect: Connect
  from: Position
  live: LiveMode
  backoff: BackoffPolicy
  signal: AbortSignal
  cache?: RequestCache | undefined
  onStatus?: ((status: StreamStatus) => void) | undefined
  now?: () => number
  random?: () => number
}

/**
 * Gives every batch after `from`, over as many connections as it takes, until the stream closes, or
 * is up to date and `live` is false. The one reader of streams: all else consumes it.
 *
 * @throws {StreamError} for an answer that waiting will not improve, for a server that does not
 *   answer in `backoff.maxAttempts` tries, and `gone` for one that went back before `from`.
 * @throws the reason of `signal`, when it aborts.
 */
export async function* follow(options: FollowOptions): AsyncGenerator<Batch, void> {
  const { connect, live, signal } = options
  const onStatus = onChange(options.onStatus)
  const { now = Date.now, random = Math.random } = options
  const isLive = live !== false
  const recovery = createRecovery({ ...options, isLive, onStatus, now, random })
  const transport = chooseTransport(live)
  let state: ReadState = { phase: 'catching-up', position: options.from }
  let stalls = 0

  onStatus({ kind: 'connecting' })
  while (state.phase !== 'ended') {
    signal.throwIfAborted()
    const startedAt = now()
    const before: ReadState = state
    const ask: Ask = {
      position: before.position,
      live: before.phase === 'live' ? transport.current() : undefined,
      // What failed, or brought nothing new, may have come from a cache.
      cache: recovery.failures() + stalls > 0 ? 'no-store' : options.cache,
      signal,
    }
    const ended = (error?: unknown): boolean => {
      const life = { broughtData: hasMoved(before, state), lifeMs: now() - startedAt, error }
      return ask.live !== undefined && transport.ended(life)
    }
    try {
      const { batches } = await connect(ask)
      for await (const batch of batches) {
        refuseRegression(state.position, batch)
        state = afterBatch(state, batch, isLive)
        recovery.answered()
        onStatus(statusAfter(state, batch))
        yield batch
      }
      ended()
    } catch (error) {
      signal.throwIfAborted()
      if (!ended(error)) await recovery.failed(error)
      state = afterFailure(state)
      continue
    }
    // A cache, a proxy or a server that gives the same position at once must not be stormed.
    stalls = hasMoved(before, state) ? 0 : stalls + 1
    await pace(stalls, now() - startedAt, signal)
  }
}

/** Requests that bring nothing start at least this far apart: 0.1 s, 0.2 s, … 1 s. */
async function pace(stalls: number, elapsedMs: number, signal: AbortSignal): Promise<void> {
  const pauseMs = Math.min(1000, 100 * stalls) - elapsedMs
  if (pauseMs > 0) await delay(pauseMs, signal)
}

function hasMoved(before: ReadState, after: ReadState): boolean {
  return before.phase !== after.phase || before.position.offset !== after.position.offset
}

/** Offsets sort as text (protocol section 1): one that goes back means that the server lost data. */
function refuseRegression({ offset }: Position, { next }: Batch): void {
  if (offset === BEGINNING || offset === NOW || next.offset >= offset) return
  throw new StreamError(
    'gone',
    `The server lost data: it went back from offset ${offset} to ${next.offset}. Read again from "-1"`,
    { offset: next.offset },
  )
}

/** Passes a status on when it is another kind than the last; each time offline has its own retry. */
function onChange(onStatus?: (status: StreamStatus) => void): (status: StreamStatus) => void {
  let last: StreamStatus['kind'] | undefined
  return (status) => {
    if (status.kind === last && status.kind !== 'offline') return
    last = status.kind
    onStatus?.(status)
  }
}

function statusAfter({ phase }: ReadState, { closed }: Batch): StreamStatus {
  if (closed) return { kind: 'closed' }
  return { kind: phase === 'ended' ? 'idle' : phase }
}
