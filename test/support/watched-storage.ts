import { memoryStorage, type Storage } from '../../dev-server/index.ts'

/** Memory storage that counts who is watching. */
export function watchedStorage(): Storage & { watchers: () => number } {
  const storage = memoryStorage()
  let watchers = 0
  return {
    ...storage,
    watchers: () => watchers,
    watch(path, listener) {
      watchers += 1
      const unwatch = storage.watch(path, listener)
      return () => {
        watchers -= 1
        unwatch()
      }
    },
  }
}
