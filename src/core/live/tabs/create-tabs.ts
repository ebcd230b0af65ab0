import { type Deferred, deferred } from '../../deferred.ts'
import type { LiveFetch } from '../live-fetch.ts'
import type { TabsEnvironment } from './environment.ts'
import { createGroup, type Group } from './group.ts'
import { keyOf } from './key.ts'
import { MOVED } from './part.ts'

/**
 * Has one tab of the browser answer the live reads of all that have the same credentials: the one
 * that holds a lock. It asks by `local`; the others ask it. Once it is gone the next one has the lock.
 */
export function createTabs(environment: TabsEnvironment, local: LiveFetch): LiveFetch {
  const { digest, onPageEvents } = environment
  const groups = new Map<string, Group>()
  let asleep: Deferred<void> | undefined
  const { signal } = new AbortController()

  // A page that is put aside may come back, and must not keep others from what they need meanwhile.
  onPageEvents(
    ['pagehide', 'freeze'],
    () => {
      asleep ??= deferred()
      for (const group of groups.values()) group.close()
    },
    signal,
  )
  onPageEvents(
    ['pageshow', 'resume'],
    () => {
      asleep?.resolve()
      asleep = undefined
    },
    signal,
  )

  return async (request) => {
    if (request.connection === 'page' || request.send !== environment.send) return local(request)
    const key = keyOf(request)
    for (;;) {
      await asleep?.promise
      request.init.signal?.throwIfAborted()
      let group = groups.get(key)
      if (!group) {
        group = createGroup(environment, digest(key), local, () => groups.delete(key))
        groups.set(key, group)
      }
      try {
        return await group.fetch(request)
      } catch (error) {
        if (error !== MOVED) throw error
      }
    }
  }
}
