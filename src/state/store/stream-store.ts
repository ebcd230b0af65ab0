import { serialize } from '../../core/encode.ts'
import { asStreamError, type StreamError } from '../../core/errors.ts'
import type { JsonStream } from '../../core/json-stream.ts'
import type { Observable } from '../../core/observable.ts'
import { BEGINNING } from '../../core/protocol.ts'
import { randomId } from '../../core/random-id.ts'
import type { StreamStatus } from '../../core/status.ts'
import { feed, type FeedBatch } from '../feed.ts'
import { guarded } from '../report-error.ts'
import type { Reducer } from './confirmed.ts'
import { parseItem, type StoreKind, toEvent } from './entry.ts'
import type { Failure } from './failure.ts'
import { createOutgoing } from './outgoing.ts'
import { replay, restart, withdraw } from './rebase.ts'
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
import { type Shared, shareWhileUsed } from './share-while-used.ts'
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
}

/**
 * One value, or one reducer's state, shared through a stream: confirmed state is a fold of the
 * stream, and our own writes are shown at once, replayed on top until they are seen in it.
 */
export interface SharedStore<State, Action> extends Observable<StoreSnapshot<State, Action>> {
  /** What it is before anything was read: what a server renders. */
  readonly initialSnapshot: StoreSnapshot<State, Action>
  /**
   * Shows the action and sends it.
   *
   * @throws {StreamError} `invalid` for an action that JSON cannot say; what the reducer throws.
   */
  dispatch: (action: Action) => void
  /**
   * Like `dispatch`, of an action computed from the state shown. No write of others is lost: when
   * one came first, `compute` runs again on its result.
   */
  update: (compute: (state: State) => Action) => void
  /** Whether it had users, and has none now. */
  isReleased: () => boolean
}

export function createStreamStore<State, Action>(
  options: StreamStoreOptions<State, Action>,
): SharedStore<State, Action> {
  return new StreamStore(options)
}

// Longer than most files: all that one step changes together stands in one object, a method a step.
class StreamStore<State, Action> implements SharedStore<State, Action> {
  readonly initialSnapshot: StoreSnapshot<State, Action>
  #options: StreamStoreOptions<State, Action>
  #onError: (error: StreamError) => void
  #rules: Rules<State, Action>
  #replica: Replica<State, Action>
  #status: StreamStatus = { kind: 'idle' }
  #offset = BEGINNING
  /** Writes wait until the stream has been read once, so that they start from what is there. */
  #isCaughtUp = false
  /** Shown until then: half a history is nothing to look at. */
  #before: State
  #failures: readonly Failure<Action>[] = []
  #snapshot: StoreSnapshot<State, Action>
  #listeners = new Set<() => void>()
  #stream: JsonStream | undefined
  #share: Shared
  /** Keeps the connection while something is pending. */
  #leave: (() => void) | undefined
  #send = createOutgoing<State, Action>({
    append: (writes) => this.#append(writes),
    onStored: (txids) => {
      this.#replica = deliver(this.#replica, { from: 'sent', to: 'stored', txids })
    },
    onRefused: (refused) => this.#refuse(refused),
  })

  constructor(options: StreamStoreOptions<State, Action>) {
    const { reducer, initialState, createTxid = randomId } = options
    this.#options = options
    this.#onError = guarded(options.onError)
    this.#before = initialState
    this.#share = shareWhileUsed((signal) => this.#read(signal), options.releaseAfterMs ?? 250)
    this.#rules = { reducer, initialState, createTxid }
    this.#replica = createReplica(initialState)
    this.#snapshot = this.#takeSnapshot()
    this.initialSnapshot = this.#snapshot
  }

  getSnapshot = (): StoreSnapshot<State, Action> => this.#snapshot

  subscribe = (onChange: () => void): (() => void) => {
    // One entry a subscription, even of the same function. One that throws stops nobody else.
    const listener = guarded(onChange)
    this.#listeners.add(listener)
    const leave = this.#share.enter()
    return () => {
      this.#listeners.delete(listener)
      leave()
    }
  }

  isReleased = (): boolean => this.#share.isReleased()

  dispatch = (action: Action): void => {
    this.#settle(write(this.#replica, this.#rules, { action: asSent(action) }))
  }

  update = (compute: (state: State) => Action): void => {
    const computeAsSent = (state: State): Action => {
      const action = compute(state)
      return Object.is(action, state) ? action : asSent(action)
    }
    const state = shownState(this.#replica)
    const action = computeAsSent(state)
    if (this.#isCaughtUp && Object.is(action, state)) return
    this.#settle(write(this.#replica, this.#rules, { action, compute: computeAsSent }))
  }

  async #read(signal: AbortSignal): Promise<void> {
    const onStatus = (status: StreamStatus): void => {
      this.#status = status
      if (status.kind === 'error') this.#onError(status.error)
      this.#publish()
    }
    try {
      const stream = this.#openStream()
      for await (const batch of feed({ stream, offset: this.#offset, signal, onStatus })) {
        this.#receive(batch)
      }
    } catch (cause) {
      // The feed has told of what it threw itself.
      if (this.#status.kind !== 'error') onStatus({ kind: 'error', error: asStreamError(cause) })
    }
    if (signal.aborted) onStatus({ kind: 'idle' })
  }

  #receive({ items, offset, restart: isRestart, upToDate, streamClosed }: FeedBatch): void {
    const { kind } = this.#options
    if (isRestart) {
      this.#before = this.#replica.confirmed.state
      this.#isCaughtUp = false
      this.#take(restart(this.#replica, this.#rules))
    }
    const parsed = items.map((item) => parseItem<Action>(kind, item))
    this.#take(receive(this.#replica, this.#rules, parsed))
    this.#offset = offset
    if (upToDate || streamClosed) {
      this.#isCaughtUp = true
      // What was stored and is not here now has gone with the stream that the server lost.
      this.#replica = deliver(this.#replica, { from: 'lost', to: 'waiting' })
    }
    this.#settle(this.#replica)
  }

  #refuse(refused: ReadonlyMap<string, StreamError>): void {
    const lost = new Set<string>()
    const current = this.#replica.pending.filter(({ txid }) => refused.has(txid))
    for (const entry of current) {
      const error = refused.get(entry.txid)!
      // The reader of a missing stream makes it, and has the write sent again.
      if (error.code === 'not-found') lost.add(entry.txid)
      else this.#addFailure(entry, error)
    }
    this.#replica = deliver(this.#replica, { from: 'sent', to: 'lost', txids: lost })
    const txids = new Set(current.map(({ txid }) => txid).filter((txid) => !lost.has(txid)))
    this.#take(withdraw(this.#replica, this.#rules, txids))
    this.#settle(this.#replica)
  }

  #addFailure({ txid, action, compute }: Pending<State, Action>, error: StreamError): void {
    const dismiss = (): void => {
      this.#failures = this.#failures.filter(({ id }) => id !== txid)
      this.#publish()
    }
    const retry = (): void => {
      dismiss()
      if (compute) this.update(compute)
      else this.dispatch(action)
    }
    this.#failures = [...this.#failures, { id: txid, action, error, retry, dismiss }]
    this.#onError(error)
  }

  #take({ replica, problems }: Step<State, Action>): void {
    this.#replica = replica
    for (const problem of problems) this.#onError(problem)
  }

  /** Sends what waits, stays connected while something is pending, and shows how things are. */
  #settle(replica: Replica<State, Action>): void {
    this.#replica = replica
    const waiting = replica.pending.filter(({ delivery }) => delivery === 'waiting')
    if (this.#isCaughtUp && waiting.length > 0) {
      this.#replica = deliver(replica, { from: 'waiting', to: 'sent' })
      this.#send(waiting)
    }
    if (replica.pending.length > 0) {
      this.#leave ??= this.#share.enter()
    } else {
      this.#leave?.()
      this.#leave = undefined
    }
    this.#publish()
  }

  #append(writes: readonly Pending<State, Action>[]): Promise<unknown> {
    const { kind } = this.#options
    return this.#openStream().appendAll(writes.map((entry) => toEvent(kind, entry)))
  }

  #publish(): void {
    const next = this.#takeSnapshot()
    const names = Object.keys(next) as (keyof typeof next)[]
    if (names.every((name) => Object.is(next[name], this.#snapshot[name]))) return
    this.#snapshot = next
    for (const listener of this.#listeners) listener()
  }

  #takeSnapshot(): StoreSnapshot<State, Action> {
    const status = this.#status
    const failures = this.#failures
    return {
      state: this.#shown(),
      status,
      pending: this.#replica.pending.length,
      failures,
      error: status.kind === 'error' ? status.error : failures.at(-1)?.error,
      offset: this.#offset,
    }
  }

  #shown(): State {
    if (this.#isCaughtUp) return shownState(this.#replica)
    const { pending } = this.#replica
    return pending.reduce((state, { action }) => replay(state, action, this.#rules), this.#before)
  }

  #openStream(): JsonStream {
    this.#stream ??= this.#options.openStream()
    return this.#stream
  }
}

/** The action as every other reader gets it: what JSON drops is dropped here as well. */
function asSent<Action>(action: Action): Action {
  return JSON.parse(serialize(action)) as Action
}
