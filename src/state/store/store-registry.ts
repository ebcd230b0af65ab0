import { StreamError } from '../../core/errors.ts'
import { createListeners, type Listeners } from '../listeners.ts'
import type { StoreKind } from './entry.ts'
import type { StreamStore } from './stream-store-options.ts'

/** What a store is asked for with. */
export interface Wish {
  /** Address, or what else its user knows it by. */
  name: string
  /** Address, and what the server may tell people by: one list is one store. */
  identity: readonly unknown[]
  kind: StoreKind
  initialState: unknown
}

/** Stores, for as long as somebody holds or uses them. */
export interface StoreRegistry {
  stores: Map<Wish, WeakRef<StreamStore<never, never>>>
  /** Told of each that was made, a moment later: not while a component renders that asks for it. */
  made: Listeners
}

export function createRegistry(): StoreRegistry {
  return { stores: new Map(), made: createListeners() }
}

/** The stores of this tab. */
export const tabStores: StoreRegistry = /* @__PURE__ */ createRegistry()

/**
 * Finds a store in a registry, or puts the one there that `create` makes.
 *
 * @throws {StreamError} `conflict` when it is there, and in use, as something else.
 */
export function shareStore<State, Action>(
  { stores, made }: StoreRegistry,
  wish: Wish,
  create: () => StreamStore<State, Action>,
): StreamStore<State, Action> {
  for (const [first, ref] of stores) {
    const found = ref.deref()
    if (found && !isEqual(first.identity, wish.identity)) continue
    if (found && describe(first) === describe(wish)) return found as never
    if (found && !found.isReleased()) throw conflict(first, wish)
    // One that was released makes way: the page has moved on.
    stores.delete(first)
  }
  const store = create()
  stores.set(wish, new WeakRef(store as never))
  queueMicrotask(made.tell)
  return store
}

function isEqual(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index])
}

function conflict(first: Wish, second: Wish): StreamError {
  return new StreamError(
    'conflict',
    `"${second.name}" is used by ${describe(first)} and by ${describe(second)}: give both the ` +
      'same initial value, or one another name (after an edit: reload)',
  )
}

function describe({ kind, initialState }: Wish): string {
  const user = kind === 'state' ? 'useServerState' : 'useServerReducer'
  return `${user} from the initial value ${JSON.stringify(initialState)?.slice(0, 80)}`
}
