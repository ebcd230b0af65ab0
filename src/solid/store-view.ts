import { batch, createSignal, getListener, type Signal } from 'solid-js'
import type { SharedStore, StoreSnapshot } from '../state/store/index.ts'
import { keepIdentity } from './keep-identity.ts'

/** A store as signals, one for each thing that is read of it; all who use the store have the same. */
export interface StoreView<State, Action> {
  /** What it is now. Who reads it in an effect runs again when that very thing has changed. */
  read: <Name extends keyof StoreSnapshot<State, Action>>(
    name: Name,
  ) => StoreSnapshot<State, Action>[Name]
  /** Runs again who reads `name`. */
  renew: (name: keyof StoreSnapshot<State, Action>) => void
  /** Follows the store. @returns what ends that. */
  follow: () => () => void
}

const views = new WeakMap<object, StoreView<never, never>>()

export function viewOf<State, Action>(store: SharedStore<State, Action>): StoreView<State, Action> {
  const known = views.get(store)
  if (known) return known as never
  const view = createView(store)
  views.set(store, view as never)
  return view
}

function createView<State, Action>(store: SharedStore<State, Action>): StoreView<State, Action> {
  type Snapshot = StoreSnapshot<State, Action>
  const signals = new Map<keyof Snapshot, Signal<undefined>>()
  let seen = store.getSnapshot()
  let shown = seen
  let told = seen

  function look(): Snapshot {
    const next = store.getSnapshot()
    if (next !== seen) {
      seen = next
      shown = { ...next, state: keepIdentity(shown.state, next.state) }
    }
    return shown
  }

  function tell(): void {
    const before = told
    told = look()
    batch(() => {
      for (const [name, [, renew]] of signals) if (!Object.is(told[name], before[name])) renew()
    })
  }

  function track(name: keyof Snapshot): void {
    const signal = signals.get(name) ?? createSignal(undefined, { equals: false })
    signals.set(name, signal)
    signal[0]()
  }

  return {
    read(name) {
      if (getListener()) track(name)
      return look()[name]
    },
    renew: (name) => signals.get(name)?.[1](),
    follow() {
      const leave = store.subscribe(tell)
      tell()
      return leave
    },
  }
}
