import { batch, createSignal, sharedConfig, type Signal } from 'solid-js'
import type { SharedStore, StoreSnapshot } from '../state/store/index.ts'
import { keepIdentity } from './keep-identity.ts'

/** A store as signals, one for each thing that is read of it; all who use the store have the same. */
export interface StoreView<State, Action> {
  /**
   * What it is now, or as `served`, for a part of the page that is just taking over the server's markup:
   * that is what is rendered there. Who reads it in an effect runs again when that very thing changes.
   */
  read: <Name extends keyof StoreSnapshot<State, Action>>(
    name: Name,
    served: StoreSnapshot<State, Action>,
  ) => StoreSnapshot<State, Action>[Name]
  /** Follows the store. @returns what ends that. */
  follow: () => () => void
}

const views = /* @__PURE__ */ new WeakMap<object, StoreView<never, never>>()

export function viewOf<State, Action>(store: SharedStore<State, Action>): StoreView<State, Action> {
  const view = (views.get(store) as StoreView<State, Action> | undefined) ?? createView(store)
  views.set(store, view as never)
  return view
}

function createView<State, Action>(store: SharedStore<State, Action>): StoreView<State, Action> {
  const signals = new Map<keyof StoreSnapshot<State, Action>, Signal<undefined>>()
  let seen = store.getSnapshot()
  let shown = seen

  function look(): void {
    if (store.getSnapshot() === seen) return
    const before = shown
    seen = store.getSnapshot()
    shown = { ...seen, state: keepIdentity(before.state, seen.state) }
    batch(() => {
      for (const [name, [, renew]] of signals) if (!Object.is(shown[name], before[name])) renew()
    })
  }

  return {
    read(name, served) {
      look()
      const signal = signals.get(name) ?? createSignal(undefined, { equals: false })
      signals.set(name, signal)
      const [track, renew] = signal
      track()
      if (!sharedConfig.context || Object.is(shown[name], served[name])) return shown[name]
      queueMicrotask(renew)
      return served[name]
    },
    follow() {
      const leave = store.subscribe(look)
      look()
      return leave
    },
  }
}
