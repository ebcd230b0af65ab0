import type { Persistence } from './persistence.ts'

/** The locks of the browser, under names that begin with `prefix`; nothing where it has none. */
export function createWebLocks(prefix: string): Persistence['lock'] | undefined {
  const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks
  if (!locks) return undefined
  return (name, { wait, signal }) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const options = wait ? { ...(signal && { signal }) } : { ifAvailable: true }
      const held = locks.request(prefix + name, options, (lock) => {
        if (!lock) return resolve(undefined)
        return new Promise<void>((release) => resolve(release))
      })
      held.catch(reject)
    })
}
