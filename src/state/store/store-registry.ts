import { StreamError } from '../../core/errors.ts'
import type { StoreKind } from './entry.ts'
import type { StreamStore } from './stream-store.ts'

/** What a store is asked for with. */
export interface Wish {
  /** Address, or what else its user knows it by. */
  name: string
  kind: StoreKind
  initialState: unknown
  /** What the server may tell people by: two lists of the same are one person. */
  credentials: readonly unknown[]
}

interface Claim extends Wish {
  store: WeakRef<StreamStore<never, never>>
}

/** Stores by address. They stay for as long as somebody holds or uses them. */
export type StoreRegistry = Map<string, readonly Claim[]>

/** The stores of this tab. */
export const tabStores: StoreRegistry = new Map()

/**
 * Finds the store of `url` in a registry, or puts the one there that `create` makes.
 *
 * @throws {StreamError} `conflict` when it is there, and in use, as something else.
 */
export function shareStore<State, Action>(
  registry: StoreRegistry,
  url: string,
  wish: Wish,
  create: () => StreamStore<State, Action>,
): StreamStore<State, Action> {
  const others: Claim[] = []
  for (const claim of registry.get(url) ?? []) {
    const store = claim.store.deref()
    const isSame = isEqual(claim.credentials, wish.credentials)
    if (store && isSame && describe(claim) === describe(wish)) return store as never
    // One that was released makes way: the page has moved on.
    if (store && isSame && !store.isReleased()) throw conflict(claim, wish)
    if (store && !isSame) others.push(claim)
  }
  const store = create()
  registry.set(url, [...others, { ...wish, store: new WeakRef(store as never) }])
  return store
}

function isEqual(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index])
}

function conflict(first: Wish, second: Wish): StreamError {
  return new StreamError(
    'conflict',
    `"${second.name}" is used ${describe(first)}, and ${describe(second)}: give both the same ` +
      'initial value, or one another name (if you have just edited it, reload the page)',
  )
}

function describe({ kind, initialState }: Wish): string {
  const use =
    kind === 'state' ? 'useServerState or setStateReducer' : 'useServerReducer or a reducer'
  return `with ${use} from the initial value ${JSON.stringify(initialState)?.slice(0, 80)}`
}
