import { createResource, untrack } from 'solid-js'
import { isServer } from 'solid-js/web'
import type { LoadedStream } from '../state/hydration.ts'
import { hydrateStore, serverSnapshot } from '../state/store/hydrate.ts'
import { whenLoaded } from '../state/store/when-loaded.ts'
import { follow, type Opened, type Shared } from './use-shared-store.ts'

/**
 * A store whose state suspends who reads it until there is one. What a server has waited for goes into
 * its page, and the browser starts from that.
 *
 * @param loadOnServer reads the stream once.
 */
export function suspendUntilLoaded<State, Action>(
  shared: Shared<State, Action>,
  loadOnServer: (opened: Opened<State, Action>) => Promise<LoadedStream>,
): Shared<State, Action> {
  const { opened, read } = shared
  let isAsked = false

  const [fromServer] = createResource(
    () => {
      const current = opened()
      return untrack(() => read('isLoaded')) ? undefined : current
    },
    (current): Promise<LoadedStream | undefined> => {
      isAsked = true
      return isServer ? loadOnServer(current) : whenLoaded(current.store).then(() => undefined)
    },
  )

  /** Before the store is followed. @throws what the loading failed with. */
  function takeOver(): void {
    const loaded = fromServer()
    const current = opened()
    // What comes late may be of the key before.
    if (loaded?.path !== current.key || current.served.offset === loaded.offset) return
    current.served = serverSnapshot(current.store, loaded)
    if (!isServer) untrack(() => hydrateStore(current.store, loaded))
  }

  follow(shared, () => {
    if (fromServer.loading && !isAsked) return false
    if (fromServer.state === 'ready') takeOver()
    return true
  })

  return {
    opened,
    read(name) {
      if (name === 'state') takeOver()
      return read(name)
    },
  }
}
