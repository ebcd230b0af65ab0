import type { JsonStream } from '../../../src/core/json-stream.ts'
import type { StreamError } from '../../../src/core/errors.ts'
import type { StoreKind } from '../../../src/state/store/entry.ts'
import type { Keeper, Reducer, SharedStore } from '../../../src/state/store/index.ts'
import { createStreamStore } from '../../../src/state/store/stream-store.ts'

/** The store as it is shipped, on a stream that is simulated. */
export function openStore<State, Action>(options: {
  kind: StoreKind
  line: JsonStream
  reducer: Reducer<State, Action>
  initialState: State
  createTxid: () => string
  onError: (error: StreamError) => void
  keepers: readonly Keeper[]
}): SharedStore<State, Action> {
  const { line, ...rest } = options
  return createStreamStore({ ...rest, openStream: () => line })
}
