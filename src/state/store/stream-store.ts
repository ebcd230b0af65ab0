import { linkedController } from '../../core/abort-link.ts'
import { asStreamError, type StreamError } from '../../core/errors.ts'
import type { JsonStream } from '../../core/json-stream.ts'
import { BEGINNING } from '../../core/protocol.ts'
import { randomId } from '../../core/random-id.ts'
import type { StreamStatus } from '../../core/status.ts'
import { feed, type FeedBatch } from '../feed.ts'
import { createListeners } from '../listeners.ts'
import { guarded } from '../report-error.ts'
import { hasSameParts } from '../same-parts.ts'
import { asSent } from './as-sent.ts'
import { initialConfirmed } from './confirmed.ts'
import { parseItem, toEvent } from './entry.ts'
import { createFailures } from './failure.ts'
import type { Keeping } from './keeper.ts'
import { receive } from './receive.ts'
import { createReplica, rebase, replayAll } from './replica.ts'
import type { Delivery, Pending, Replica, Rules } from './replica.ts'
import { deliveryAfter, sendWrites } from './send-writes.ts'
import { shareWhileUsed } from './share-while-used.ts'
import type { StoreSnapshot } from './store-snapshot.ts'
import type { StreamStore, StreamStoreOptions } from './stream-store-options.ts'

/** How often in a row a write may miss the stream, which is made again. */
const MAX_LOSSES = 3

/** A shared store over a stream that is given. One closure, since each step changes all of it. */
export function createStreamStore<State, Action>(
  options: StreamStoreOptions<State, Action>,
): StreamStore<State, Action> {
  const { kind, reducer, initialState, createTxid = randomId, keepers = [] } = options
  const onError = guarded(options.onError)
  const { add: watch, tell } = createListeners()
  const share = shareWhileUsed(read, options.releaseAfterMs ?? 250)
  const failures = createFailures<Action>(publish)
  const rules: Rules<State, Action> = {
    kind,
    reducer,
    initialState,
    createTxid,
    onSkipped: onError,
    onFailed: fail,
    // Refused, but stored after all.
    onApplied: failures.remove,
  }
  let replica: Replica<State, Action> = createReplica(initialState)
  let status: StreamStatus = { kind: 'idle' }
  let offset = BEGINNING
  /** Writes wait until the stream has been read once, so that they start from what is there. */
  let isBehind = true
  /** Shown until then: half a history is nothing to look at. */
  let before = initialState
  /** Whether that is more than the initial state. */
  let isLoaded = false
  let stream: JsonStream | undefined
  let isSending = false
  let losses = 0
  /** How often the server lost the stream. */
  let lives = 0
  /** Ends one reading, for another to begin. */
  let reading: AbortController | undefined
  let keptWith: AbortSignal | undefined
  /** What keeps writes has to be there before one is sent. */
  let isOpening = false
  let keepings: (Keeping<State, Action> | undefined)[] = []
  /** Keeps the connection while something is pending. */
  let leave: (() => void) | undefined
  let snapshot = takeSnapshot()
  const initialSnapshot = snapshot

  const openStream = (): JsonStream => (stream ??= options.openStream())

  function onStatus(next: StreamStatus): void {
    status = next
    if (next.kind === 'error') onError(next.error)
    // What ends the catching up is shown with what it brings.
    if (!isBehind || (next.kind !== 'live' && next.kind !== 'closed')) publish()
  }

  async function read(signal: AbortSignal): Promise<void> {
    try {
      const stream = openStream()
      if (keptWith !== signal) {
        keptWith = signal
        keepings = []
        isOpening = true
        for (const keeper of keepers) keepings.push(await keeper?.(store, signal))
        isOpening = keptWith !== signal
      }
      for (const keeping of keepings) await keeping?.beforeRead?.()
      do {
        reading = linkedController(signal)
        // What was stored before this read began, it brings, or it has gone with a lost stream.
        move('stored', 'lost')
        const batches = feed({ stream, offset, signal: reading.signal, onStatus })
        for await (const batch of batches) take(batch)
      } while (reading.signal.aborted && !signal.aborted)
    } catch (cause) {
      // The feed has told of what it threw itself.
      if (!signal.aborted && status.kind !== 'error') {
        onStatus({ kind: 'error', error: asStreamError(cause) })
      }
    }
    if (signal.aborted && keptWith === signal) onStatus({ kind: 'idle' })
  }

  function take({ items, upToDate, streamClosed, ...batch }: FeedBatch): void {
    if (batch.restart) {
      lives++
      fallBehind()
      replica = { ...replica, confirmed: initialConfirmed(initialState) }
      if (replica.pending.some(({ delivery }) => delivery === 'stored')) reading?.abort()
    }
    const parsed = items.map((item) => parseItem<Action>(kind, item))
    replica = receive(replica, rules, parsed)
    offset = batch.offset
    if (isBehind && (upToDate || streamClosed) && !reading?.signal.aborted) {
      isBehind = false
      isLoaded = true
      move('lost', 'waiting')
    }
    settle(replica)
  }

  function fallBehind(): void {
    if (!isBehind) before = replica.confirmed.state
    isBehind = true
  }

  function move(from: Delivery, to: Delivery): void {
    const pending = replica.pending.map((write) =>
      write.delivery === from ? { ...write, delivery: to } : write,
    )
    replica = { ...replica, pending }
  }

  /** Sends what waits, stays connected while something is pending, and shows how things are. */
  function settle(next: Replica<State, Action>): void {
    replica = isBehind ? next : rebase(next, rules)
    const { pending } = replica
    if (pending.length === 0) {
      leave?.()
      leave = undefined
    } else leave ??= share.enter()
    for (const keeping of keepings) keeping?.changed()
    // One request at a time keeps them in order, also when one of them has to be sent again.
    const waiting = pending.filter(({ delivery }) => delivery === 'waiting')
    if (!isBehind && !isOpening && !isSending && waiting.length > 0) {
      isSending = true
      move('waiting', 'sent')
      void send(waiting)
    }
    publish()
  }

  function sendEvents(
    writes: readonly Pending<State, Action>[],
  ): Promise<ReadonlyMap<string, StreamError>> {
    return sendWrites(writes, async (some) => {
      // One that was seen meanwhile had been stored before it was refused.
      const left = some.filter(({ txid }) =>
        replica.pending.some(({ txids }) => txids.includes(txid)),
      )
      if (left.length > 0) {
        await openStream().appendAll(left.map((write) => toEvent(kind, write)))
      }
    })
  }

  async function send(writes: readonly Pending<State, Action>[]): Promise<void> {
    const sentIn = lives
    const refused = await (keepings.find((keeping) => keeping?.send)?.send ?? sendEvents)(writes)
    isSending = false
    let isLost = false
    const left = replica.pending.flatMap((write): Pending<State, Action>[] => {
      const error = refused.get(write.txid)
      if (write.delivery !== 'sent') return [write]
      if (!error) return [{ ...write, delivery: 'stored' }]
      const delivery = deliveryAfter(error)
      if (delivery && losses < MAX_LOSSES) {
        isLost = true
        return [{ ...write, delivery }]
      }
      fail(write, error)
      return []
    })
    losses = isLost ? losses + 1 : 0
    // Read again, the stream says what it holds, and is made if it is missing.
    if (isLost || lives > sentIn) {
      fallBehind()
      reading?.abort()
      share.wake()
    }
    settle({ ...replica, pending: left })
  }

  function fail(write: Pending<State, Action>, error: StreamError): void {
    const { txid, action, compute, isReset } = write
    const retry = (): void => (isReset ? reset() : compute ? update(compute) : dispatch(action))
    failures.add({ id: txid, action, error, retry })
    onError(error)
  }

  function add(action: Action, compute?: (state: State) => Action, isReset?: true): void {
    const { confirmed, pending } = replica
    const from = shown()
    const to = isReset ? initialState : reducer(from, action)
    const txid = createTxid()
    // Computed from what only seems to be the state, it has to be computed again before it is sent.
    const isBased = compute && Object.is(from, shown(confirmed.state))
    const base = isBased ? (pending.at(-1)?.txid ?? confirmed.version) : undefined
    const write = { txid, txids: [txid], action, compute, base, isReset, step: { from, to } }
    settle({ confirmed, pending: [...pending, { ...write, delivery: 'waiting' }] })
    share.wake()
  }

  function dispatch(action: Action): void {
    add(asSent(action))
  }

  function reset(): void {
    add(undefined as never, undefined, true)
  }

  function update(compute: (state: State) => Action): void {
    const computeAsSent = (state: State): Action => {
      const action = compute(state)
      return Object.is(action, state) ? action : asSent(action)
    }
    const state = shown()
    const action = computeAsSent(state)
    if (isBehind || kind === 'action' || !Object.is(action, state)) add(action, computeAsSent)
  }

  function shown(from: State = isBehind ? before : replica.confirmed.state): State {
    return replayAll(replica.pending, from, rules)
  }

  function takeSnapshot(): StoreSnapshot<State, Action> {
    const list = failures.list()
    const error = status.kind === 'error' ? status.error : list.at(-1)?.error
    const pending = replica.pending.length
    return { state: shown(), status, pending, failures: list, error, offset, isLoaded }
  }

  function publish(): void {
    const next = { ...takeSnapshot(), offset: snapshot.offset }
    if (hasSameParts(next, snapshot)) return
    snapshot = { ...next, offset }
    tell()
  }

  const store: StreamStore<State, Action> = {
    initialSnapshot,
    getSnapshot: () => snapshot,
    get status() {
      return snapshot.status
    },
    get pending() {
      return snapshot.pending
    },
    get failures() {
      return snapshot.failures
    },
    get offset() {
      return offset
    },
    dispatch,
    update,
    reset,
    watch,
    subscribe(onChange) {
      const unwatch = watch(onChange)
      const leave = share.enter()
      return () => {
        unwatch()
        leave()
      }
    },
    isReleased: share.isReleased,
    openStream,
    kind,
    onStatus,
    onError,
    look() {
      const isRead = reading?.signal.aborted === false
      return { ...replica, offset, isCaughtUp: !isBehind, isRead }
    },
    put({ confirmed, pending = replica.pending, offset: at = offset }) {
      const next = { confirmed: confirmed ?? replica.confirmed, pending }
      offset = at
      isLoaded ||= !!confirmed
      before = next.confirmed.state
      // Updates made meanwhile are of the state that is shown now.
      settle(confirmed ? rebase(next, rules) : next)
    },
  }
  return store
}
