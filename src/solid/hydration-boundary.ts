import { createComponent, createMemo, type JSX, untrack, useContext } from 'solid-js'
import { type Hydration, type HydrationData, readHydration } from '../state/hydration.ts'
import { hydrateStore, serverSnapshot } from '../state/store/hydrate.ts'
import { attempt } from './attempt.ts'
import { HydrationContext } from './hydration-context.ts'

export interface HydrationBoundaryProps {
  /** What `loadStreamWithReducer`, `loadMultipleStreamsWithReducers` or `dehydrateStreamDB` gave; lists of it too. */
  data: HydrationData
  children?: JSX.Element
}

/**
 * Gives the hooks below it the state that a server has loaded. They show it at once, on the server and
 * in the browser, and read on from its offset: nothing flashes, and nothing is fetched twice.
 * Boundaries nest; of a key the inner one counts. `data` may change, and be a resource.
 *
 * @throws {StreamError} `invalid` for data that no loader has made.
 *
 * @example
 * <HydrationBoundary data={data()}>
 *   <Counter />
 * </HydrationBoundary>
 */
export function HydrationBoundary(props: HydrationBoundaryProps): JSX.Element {
  const outer = useContext(HydrationContext)
  const outcome = createMemo(() => attempt(() => readHydration(props.data, outer?.hydration())))
  const hydration = (): Hydration => outcome()()
  untrack(hydration)
  return createComponent(HydrationContext.Provider, {
    value: { hydration, hydrateStore, serverSnapshot },
    get children() {
      return props.children
    },
  })
}
