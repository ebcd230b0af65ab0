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

  function see(snapshot: Snapshot, select: Sight['select'], shown: unknown): Sight {
    const meta = { reset }
    const sight = { snapshot, select, view: [shown, write, meta] } as Sight
    for (const name of Object.keys(snapshot) as Name[]) {
      const get = (): unknown => {
        read.add(name)
        return sight.snapshot[name]
      }
      // Enumerable, so that `{ ...meta }` reads them all.
      if ((name as string) !== 'state') Object.defineProperty(meta, name, { get, enumerable: true })
    }
    return sight
  }

  function look(snapshot: Snapshot, select: Sight['select']): Sight['view'] {
    const seen = last?.snapshot
    let shown: unknown = snapshot.state
    if (select) {
      const isSeen = select === last?.select && seen?.state === snapshot.state
      shown = isSeen ? last!.view[0] : select(snapshot.state)
    }
    if (
      seen &&
      last &&
      Object.is(shown, last.view[0]) &&
      [...read].every((name) => Object.is(seen[name], snapshot[name]))
    ) {
      last.snapshot = snapshot
      last.select = select
    } else last = see(snapshot, select, shown)
    return last.view
  }

  return look as Look<State, Action, Write>
}
