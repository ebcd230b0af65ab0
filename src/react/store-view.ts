import { hasSameParts } from '../state/same-parts.ts'
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
  type Select = ((state: State) => unknown) | undefined
  const read = new Set<keyof Snapshot>()
  let latest: Snapshot | undefined
  let selected: Select
  let view: StoreView<unknown, Write, Action> | undefined

  /** Read in a handler, a field is what it is then, though the component has not rendered for it. */
  function createMeta(snapshot: Snapshot): ServerStateMeta<Action> {
    const meta = { reset }
    for (const name of Object.keys(snapshot) as (keyof Snapshot)[]) {
      const get = (): unknown => {
        read.add(name)
        return latest![name]
      }
      // Enumerable, so that `{ ...meta }` reads them all.
      if (name !== 'state') Object.defineProperty(meta, name, { get, enumerable: true })
    }
    return meta as ServerStateMeta<Action>
  }

  function look(snapshot: Snapshot, select: Select): StoreView<unknown, Write, Action> {
    const before = latest
    const isSelected = before?.state === snapshot.state && selected === select
    const shown = view && isSelected ? view[0] : select ? select(snapshot.state) : snapshot.state
    latest = snapshot
    selected = select
    const isUnchanged = (name: keyof Snapshot): boolean => before?.[name] === snapshot[name]
    // What is selected is often made anew, of the same parts.
    const isSame = select ? hasSameParts : Object.is
    if (view && isSame(view[0], shown) && [...read].every(isUnchanged)) return view
    return (view = [shown, write, createMeta(snapshot)])
  }

  return look as Look<State, Action, Write>
}
