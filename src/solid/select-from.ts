import { type Accessor, createMemo, sharedConfig } from 'solid-js'
import { keepIdentity } from './keep-identity.ts'
import type { Shared } from './use-shared-store.ts'

/** What `select` makes of a state: it changes when that is another, not only another object. */
export function selectFrom<State, Shown>(
  { read }: Pick<Shared<State, never>, 'read'>,
  select: ((state: State) => Shown) | undefined,
): Accessor<Shown> {
  // Without one, the two are the same.
  if (!select) return () => read('state') as unknown as Shown
  const selected = createMemo<Shown | undefined>((previous) =>
    keepIdentity(previous, select(read('state'))),
  )
  // What takes over the server's markup late shows what the server selected from.
  return () => (sharedConfig.context ? select(read('state')) : (selected() as Shown))
}
