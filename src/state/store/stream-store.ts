import { linkedController } from '../../core/abort-link.ts'
import { serialize } from '../../core/encode.ts'
import { asStreamError, type StreamError } from '../../core/errors.ts'
import type { JsonStream } from '../../core/json-stream.ts'
import { BEGINNING } from '../../core/protocol.ts'
import { randomId } from '../../core/random-id.ts'
import type { StreamStatus } from '../../core/status.ts'
import { feed, type FeedBatch } from '../feed.ts'
import { guarded } from '../report-error.ts'
import { initialConfirmed, type Reducer } from './confirmed.ts'
import { parseItem, type StoreKind, toEvent } from './entry.ts'
import { createFailures } from './failure.ts'
import type { Keeper, Keeping, KeptStore } from './keeper.ts'
import { rebase, replay, withdraw } from './rebase.ts'
import { receive } from './receive.ts'
import {
  createReplica,
  deliver,
  type Pending,
  type Replica,
  type Rules,
  shownState,
  type Step,
  write,
} from './replica.ts'
import { sendWrites } from './send-writes.ts'
import { shareWhileUsed } from './share-while-used.ts'
import type { StoreSnapshot } from './store-snapshot.ts'

export interface StreamStoreOptions<State, Action> {
  /** Asked once, when it is first read or written. */
  openStream: () => JsonStream
  kind: StoreKind
  reducer: Reducer<State, Action>
  initialState: State
  /** Told of everything that was skipped or refused, and of what ended the reading. */
  onError?: ((error: StreamError) => void) | undefined
  /** How long the connection outlives its last user, in milliseconds. Default 250. */
  releaseAfterMs?: number | undefined
  createTxid?: (() => string) | undefined
  /** What keeps it from one visit to the next, in the order in which they give it back. */
  keepers?: readonly (Keeper | undefined)[] | undefined
}

/** A shared store, and what is to be known of it inside. */
export interface StreamStore<State, Action> extends KeptStore<State, Action> {
  /** Whether it had users, and has none now. */
  isReleased: () => boolean
}

/** How often in a row a write may miss the stream, which is made again. */
const MAX_LOSSES = 3

/** A shared store over a stream that is given. One closure, since each step changes all of it. */
export function createStreamStore<State, Action>(
  options: StreamStoreOptions<State, Action>,
): StreamStore<State, Action> {
  const { kind, reducer, initialState, createTxid = randomId, keepers = [] } = options
  const onError = guarded(options.onError)
  const listeners = new Set<() => void>()
  const share = shareWhileUsed(read, options.releaseAfterMs ?? 250)
  const rules: Rules<State, Action> = {
    kind,
    reducer,
    initialState,
    createTxid,
    // Writes wait until the stream has been read once, so that they start from what is there.
    isBehind: true,
    // Refused, but stored after all.
    onApplied: (txid) => failures.remove(txid),
  }
  const failures = createFailures<Action>(publish)
  let replica: Replica<State, Action> = createReplica(initialState)
  let status: StreamStatus = { kind: 'idle' }
  let offset = BEGINNING
  /** Shown until all has been read: half a history is nothing to look at. */
  let before = initialState
  let stream: JsonStream | undefined
  let isSending = false
  let losses = 0
  /** How often the server lost the stream. */
  let lives = 0
  /** Ends one reading, for another to begin. */
  let again: AbortController | undefined
  let keptWith: AbortSignal | undefined
  let keepings: (Keeping<State, Action> | undefined)[] = []
  /** Keeps the connection while something is pending. */
  let leave: (() => void) | undefined
  let snapshot = takeSnapshot()
  const initialSnapshot = snapshot

  function openStream(): JsonStream {
    return (stream ??= options.openStream())
  }

  function onStatus(next: StreamStatus): void {
    status = next
    if (next.kind === 'error') onError(next.error)
    publish()
  }

  async function read(signal: AbortSignal): Promise<void> {
    try {
      const stream = openStream()
      if (keptWith !== signal) {
        keptWith = signal
        keepings = []
        for (const keeper of keepers) keepings.push(await keeper?.(store, signal))
      }
      for (const keeping of keepings) await keeping?.beforeRead?.()
      do {
        again = linkedController(signal)
        // What was stored before this read began, it brings, or it has gone with a lost stream.
        replica = deliver(replica, { from: 'stored', to: 'lost' })
        for await (const batch of feed({ stream, offset, signal: again.signal, onStatus }))
          take(batch)
      } while (again.signal.aborted && !signal.aborted)
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
      step(rebase(initialConfirmed(initialState), replica.pending, rules))
      if (replica.pending.some(({ delivery }) => delivery === 'stored')) again?.abort()
    }
    const parsed = items.map((item) => parseItem<Action>(kind, item))
    step(receive(replica, rules, parsed))
    offset = batch.offset
    if (rules.isBehind && (upToDate || streamClosed) && !again?.signal.aborted) {
      rules.isBehind = false
      replica = deliver(replica, { from: 'lost', to: 'waiting' })
      step(rebase(replica.confirmed, replica.pending, rules))
    }
    settle()
  }

  function step({ replica: next, problems }: Step<State, Action>): void {
    replica = next
    for (const { entry, error } of problems) {
      if (entry) addFailure(entry, error)
      else onError(error)
    }
  }

  /** Sends what waits, stays connected while something is pending, and shows how things are. */
  function settle(): void {
    const { pending } = replica
    if (pending.length === 0) {
      leave?.()
      leave = undefined
    } else leave ??= share.enter()
    for (const keeping of keepings) keeping?.changed()
    // One request at a time keeps them in order, also when one of them has to be sent again.
    const waiting = pending.filter(({ delivery }) => delivery === 'waiting')
    if (!rules.isBehind && !isSending && waiting.length > 0) {
      isSending = true
      replica = deliver(replica, { from: 'waiting', to: 'sent' })
      void send(waiting)
    }
    publish()
  }

  async function send(writes: readonly Pending<State, Action>[]): Promise<void> {
    const sentIn = lives
    const append =
      keepings.find((keeping) => keeping?.append)?.append ??
      ((entry) => openStream().appendAll([toEvent(kind, entry)]))
    const { stored, refused } = await sendWrites(writes, append)
    isSending = false
    losses = stored.size > 0 ? 0 : losses + 1
    const missed = [...refused].filter(([, { code }]) => code === 'not-found')
    if (losses <= MAX_LOSSES) for (const [txid] of missed) refused.delete(txid)
    // Read again, the stream says what it holds, and is made if it is missing.
    if (missed.length > 0 || lives > sentIn) {
      fallBehind()
      again?.abort()
      share.wake()
    }
    replica = deliver(replica, { from: 'sent', to: 'stored', txids: stored })
    const current = replica.pending.filter(({ txid }) => refused.has(txid))
    for (const entry of current) addFailure(entry, refused.get(entry.txid)!)
    if (current.length > 0) step(withdraw(replica, rules, new Set(refused.keys())))
    replica = deliver(replica, { from: 'sent', to: 'waiting' })
    settle()
  }

  function fallBehind(): void {
    if (!rules.isBehind) before = replica.confirmed.state
    rules.isBehind = true
  }

  function addFailure({ txid, action, compute }: Pending<State, Action>, error: StreamError): void {
    const retry = (): void => (compute ? update(compute) : dispatch(action))
    failures.add({ id: txid, action, error, retry })
    onError(error)
  }

  function add(action: Action, compute?: (state: State) => Action): void {
    replica = write(replica, rules, { action, compute }, shown())
    settle()
    share.wake()
  }

  function dispatch(action: Action): void {
    add(asSent(action))
  }

  function update(compute: (state: State) => Action): void {
    const computeAsSent = (state: State): Action => {
      const action = compute(state)
      return Object.is(action, state) ? action : asSent(action)
    }
    const state = shown()
    const action = computeAsSent(state)
    if (rules.isBehind || kind === 'action' || !Object.is(action, state)) add(action, computeAsSent)
  }

  function shown(): State {
    if (!rules.isBehind) return shownState(replica)
    return replica.pending.reduce((state, { action }) => replay(state, action, rules), before)
  }

  function takeSnapshot(): StoreSnapshot<State, Action> {
    const list = failures.list()
    const error = status.kind === 'error' ? status.error : list.at(-1)?.error
    const pending = replica.pending.length
    return { state: shown(), status, pending, failures: list, error, offset }
  }

  function publish(): void {
    const next = { ...takeSnapshot(), offset: snapshot.offset }
    const names = Object.keys(next) as (keyof typeof next)[]
    if (names.every((name) => Object.is(next[name], snapshot[name]))) return
    snapshot = { ...next, offset }
    for (const listener of listeners) listener()
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
    subscribe(onChange) {
      // One entry a subscription, even of the same function. One that throws stops nobody else.
      const listener = guarded(onChange)
      listeners.add(listener)
      const leave = share.enter()
      return () => {
        listeners.delete(listener)
        leave()
      }
    },
    isReleased: share.isReleased,
    openStream,
    kind,
    onStatus,
    onError,
    look: () => ({ ...replica, offset, isCaughtUp: !rules.isBehind }),
    put({ confirmed = replica.confirmed, pending = replica.pending, offset: at = offset }) {
      offset = at
      before = confirmed.state
      step(rebase(confirmed, pending, rules))
      settle()
    },
  }
  return store
}

/** The action as every other reader gets it: what JSON drops is dropped here as well. */
function asSent<Action>(action: Action): Action {
  return JSON.parse(serialize(action)) as Action
}
