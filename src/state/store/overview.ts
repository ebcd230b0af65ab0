import type { StreamError } from '../../core/errors.ts'
import type { Observable } from '../../core/observable.ts'
import type { StreamStatus } from '../../core/status.ts'
import { endpointIdentity } from '../endpoint-identity.ts'
import { hasSameParts } from '../same-parts.ts'
import type { Failure } from './failure.ts'
import type { Stores } from './stores.ts'
import type { StreamStore } from './stream-store-options.ts'

/** How all streams of a provider together are connected. */
export type ConnectionStatus =
  /** Nothing is read. */
  | { kind: 'idle' }
  | { kind: 'connecting' }
  | { kind: 'online' }
  /** At least one is away; the next try is at `retryAt` (milliseconds since 1970). */
  | { kind: 'offline'; retryAt: number; cause: StreamError }

/** A refused write, and the key of its state. */
export interface KeyedFailure extends Failure<unknown> {
  key: string
}

const IDLE = { kind: 'idle' } as const

/** Offline if one stream is, else connecting if one does, online if one is read. */
export function connectionOf(stores: Stores): Observable<ConnectionStatus> {
  return overview(stores, (all) => {
    let status: ConnectionStatus = IDLE
    for (const { store } of all) status = worse(status, connection(store.status))
    return status
  })
}

/** How the stream of `key` is connected: `idle` while nobody uses it. */
export function statusOf(stores: Stores, key: string): Observable<StreamStatus> {
  return overview(
    stores,
    (all) => all.find((opened) => opened.key === key)?.store.status ?? (IDLE as StreamStatus),
  )
}

/** The writes that were refused, of all keys: those of a key oldest first. */
export function failuresOf(stores: Stores): Observable<readonly KeyedFailure[]> {
  const keyed = new WeakMap<Failure<unknown>, KeyedFailure>()
  return overview(stores, (all) =>
    all.flatMap(({ key, store }) =>
      store.failures.map((failure) => {
        const known = keyed.get(failure) ?? { ...failure, key }
        keyed.set(failure, known)
        return known
      }),
    ),
  )
}

interface Open {
  key: string
  store: StreamStore<unknown, unknown>
}

/** Something that follows from all stores of a server. It looks at them, and uses none. */
function overview<Value>(
  stores: Stores,
  sum: (all: readonly Open[]) => Value,
  isSame: (one: Value, other: Value) => boolean = hasSameParts,
): Observable<Value> {
  const open = openIn(stores)
  let value: Value | undefined

  function getSnapshot(): Value {
    const next = sum(open())
    if (value === undefined || !isSame(value, next)) value = next
    return value
  }

  return {
    getSnapshot,
    subscribe(onChange) {
      const known = new WeakSet<object>()
      const leaves: (() => void)[] = []
      /** What was refused is told until it is dismissed, also when its component has gone. */
      const refused = new Set<object>()
      const lookAgain = (): void => {
        look()
        onChange()
      }
      const look = (): void => {
        for (const { store } of open()) {
          if (store.failures.length > 0) refused.add(store)
          else refused.delete(store)
          if (known.has(store)) continue
          known.add(store)
          leaves.push(store.watch(lookAgain))
        }
      }
      leaves.push(stores.registry.made.add(lookAgain))
      look()
      return () => {
        for (const leave of leaves) leave()
      }
    },
  }
}

/** Finds the stores of one server and one set of credentials. */
function openIn({ endpoint, registry }: Stores): () => Open[] {
  const [url, ...credentials] = endpointIdentity(endpoint('_'))
  const prefix = String(url).slice(0, -1)
  return () =>
    [...registry.stores].flatMap(([{ identity }, ref]) => {
      const [address, ...others] = identity
      const store = ref.deref()
      const isOurs =
        String(address).startsWith(prefix) &&
        others.length === credentials.length &&
        others.every((value, index) => value === credentials[index])
      const path = String(address).slice(prefix.length)
      return store && isOurs ? [{ key: keyOf(path), store: store as never }] : []
    })
}

function keyOf(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

function connection(status: StreamStatus): ConnectionStatus {
  if (status.kind === 'offline') return status
  if (status.kind === 'live' || status.kind === 'closed') return { kind: 'online' }
  return status.kind === 'idle' || status.kind === 'error' ? IDLE : { kind: 'connecting' }
}

const RANK = { idle: 0, online: 1, connecting: 2, offline: 3 } as const

function worse(one: ConnectionStatus, other: ConnectionStatus): ConnectionStatus {
  if (one.kind === 'offline' && other.kind === 'offline') {
    return one.retryAt <= other.retryAt ? one : other
  }
  return RANK[other.kind] > RANK[one.kind] ? other : one
}
