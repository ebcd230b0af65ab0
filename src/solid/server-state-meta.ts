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
  const meta = { reset: () => untrack(opened).store.reset() }
  const { state: _, ...rest } = untrack(opened).served
  // Enumerable, so that `{ ...meta }` reads them all.
  for (const name of Object.keys(rest) as (keyof typeof rest)[]) {
    Object.defineProperty(meta, name, { get: () => read(name), enumerable: true })
  }
  return meta as ServerStateMeta<Action>
}
