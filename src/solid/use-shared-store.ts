import { type Accessor, createComputed, createMemo, onCleanup, untrack, useContext } from 'solid-js'
import { isServer } from 'solid-js/web'
import type { SharedStore, StoreSnapshot } from '../state/store/index.ts'
import type { Stores } from '../state/store/stores.ts'
import { warnLossy } from '../state/store/warnings.ts'
import { attempt } from './attempt.ts'
import { HydrationContext } from './hydration-context.ts'
import { useStores } from './party-provider.ts'
import { type StoreView, viewOf } from './store-view.ts'

/** Names the stream; a key that changes is an accessor. */
export type Key = string | Accessor<string>

/** The store of a key, as one component uses it. Everything in it changes with the key. */
export interface Shared<State, Action> {
  /** What is to be shown now. Where it is tracked, each thing is tracked on its own. */
  read: <Name extends keyof StoreSnapshot<State, Action>>(
    name: Name,
  ) => StoreSnapshot<State, Action>[Name]
  opened: Accessor<Opened<State, Action>>
}

export interface Opened<State, Action> {
  /** The hook, for messages. */
  hook: string
  key: string
  stores: Stores
  store: SharedStore<State, Action>
  view: StoreView<State, Action>
  /** What the server has rendered. */
  served: StoreSnapshot<State, Action>
}

/**
 * @param own of what is not on the server of the provider.
 * @throws what `open` throws: here for the first key, and for a later one to who reads.
 */
export function useSharedStore<State, Action>(
  hook: string,
  key: Key,
  open: (stores: Stores, key: string) => SharedStore<State, Action>,
  own?: Stores,
): Shared<State, Action> {
  const currentKey = typeof key === 'function' ? createMemo(key) : () => key
  // oxlint-disable-next-line react/hooks -- a component of Solid runs once.
  const stores = own ?? useStores(`${hook}("${untrack(currentKey)}")`)
  const scope = useContext(HydrationContext)

  function enter(key: string): Opened<State, Action> {
    const loaded = scope?.hydration().streams.get(key)
    return untrack(() => {
      const store = open(stores, key)
      let served = store.initialSnapshot
      warnLossy(hook, key, served.state)
      if (scope && loaded) {
        served = scope.serverSnapshot(store, loaded)
        if (!isServer) scope.hydrateStore(store, loaded)
      }
      return { hook, key, stores, store, view: viewOf(store), served }
    })
  }

  const outcome = createMemo(() => attempt(() => enter(currentKey())))
  const opened = (): Opened<State, Action> => outcome()()
  untrack(opened)

  function read<Name extends keyof StoreSnapshot<State, Action>>(
    name: Name,
  ): StoreSnapshot<State, Action>[Name] {
    const { view, served } = opened()
    return isServer ? served[name] : view.read(name, served)
  }

  return { opened, read }
}

/**
 * Follows the store for as long as the component is there, in a browser.
 *
 * @param isReady tells when; it is tracked.
 */
export function follow<State, Action>(
  { opened }: Shared<State, Action>,
  isReady: () => boolean = () => true,
): void {
  if (isServer) return
  createComputed(() => {
    const { view } = opened()
    // In a scope of its own, a transition to another key follows both until it is through.
    if (isReady()) createComputed(() => onCleanup(untrack(view.follow)))
  })
}
