import { isSame } from '../state/store/is-same.ts'
import type { SharedStore, StoreSnapshot } from '../state/store/index.ts'

/**
 * How things are with a shared state. A component renders again for those fields alone that it has
 * read.
 */
export interface ServerStateMeta<Action> extends Omit<StoreSnapshot<never, Action>, 'state'> {
  /** Goes back to the initial state, for everyone. Shown at once. */
  reset: () => void
}

/** What a hook returns. */
export type StoreView<Shown, Write, Action> = [Shown, Write, ServerStateMeta<Action>]

/** Shows a snapshot as one component sees it: `===` until something changed that it shows or has read. */
export type Look<State, Action, Write> = <Shown>(
  snapshot: StoreSnapshot<State, Action>,
  select: ((state: State) => Shown) | undefined,
) => StoreView<Shown, Write, Action>

/** @param write what the component changes the store with. */
export function createLook<State, Action, Write>(
  { reset }: SharedStore<State, Action>,
  write: Write,
): Look<State, Action, Write> {
  type Snapshot = StoreSnapshot<State, Action>
  type Name = Exclude<keyof Snapshot, 'state'>
  interface Sight {
    /** The latest that looks like `view`. */
    snapshot: Snapshot
    select: ((state: State) => unknown) | undefined
    view: StoreView<unknown, Write, Action>
  }
  const read = new Set<Name>()
  let last: Sight | undefined

  function createSight(
    snapshot: Sight['snapshot'],
    select: Sight['select'],
    shown: unknown,
  ): Sight {
    const track = <Read extends Name>(name: Read): Snapshot[Read] => {
      read.add(name)
      return sight.snapshot[name]
    }
    // Enumerable, so that `{ ...meta }` reads them all.
    const meta: ServerStateMeta<Action> = {
      get status() {
        return track('status')
      },
      get pending() {
        return track('pending')
      },
      get failures() {
        return track('failures')
      },
      get error() {
        return track('error')
      },
      get isLoaded() {
        return track('isLoaded')
      },
      get offset() {
        return track('offset')
      },
      reset,
    }
    const sight: Sight = { snapshot, select, view: [shown, write, meta] }
    return sight
  }

  function look(snapshot: Snapshot, select: Sight['select']): Sight['view'] {
    let shown: unknown = snapshot.state
    if (last) {
      const { snapshot: seen, view } = last
      const isUnchanged = select === last.select && seen.state === snapshot.state
      if (isUnchanged) shown = view[0]
      else if (select) {
        shown = select(snapshot.state)
        // What is selected is often made anew.
        if (isSame(shown, view[0])) shown = view[0]
      }
      if (
        Object.is(shown, view[0]) &&
        [...read].every((name) => Object.is(seen[name], snapshot[name]))
      ) {
        last.snapshot = snapshot
        last.select = select
        return view
      }
    } else if (select) shown = select(snapshot.state)
    last = createSight(snapshot, select, shown)
    return last.view
  }

  return look as Look<State, Action, Write>
}
