import { untrack } from 'solid-js'
import type { StoreSnapshot } from '../state/store/index.ts'
import type { Shared } from './use-shared-store.ts'

/**
 * How things are with a shared state. Each is a signal: read it where it is used, and do not take it
 * out of the object before.
 */
export interface ServerStateMeta<Action>
  extends Readonly<Omit<StoreSnapshot<never, Action>, 'state'>> {
  /** Goes back to the initial state, for everyone. Shown at once. */
  readonly reset: () => void
}

export function metaOf<State, Action>({
  read,
  opened,
}: Shared<State, Action>): ServerStateMeta<Action> {
  return {
    get status() {
      return read('status')
    },
    get pending() {
      return read('pending')
    },
    get failures() {
      return read('failures')
    },
    get error() {
      return read('error')
    },
    get isLoaded() {
      return read('isLoaded')
    },
    get offset() {
      return read('offset')
    },
    reset: () => untrack(opened).store.reset(),
  }
}
