import { createLocalLocks } from './local-locks.ts'
import type { Persistence } from './persistence.ts'

/**
 * Keeps journals for as long as this object lives: for tests, for servers, and in place of a storage
 * that there is none of. Who shares the object shares journals and locks.
 */
export function memoryPersistence(): Persistence {
  const journals = new Map<string, readonly string[]>()

  function put(name: string, records: readonly string[]): void {
    if (records.length > 0) journals.set(name, records)
    else journals.delete(name)
  }

  return {
    open: async (name) => ({
      read: async () => journals.get(name) ?? [],
      append: async (records) => put(name, [...(journals.get(name) ?? []), ...records]),
      replace: async (records) => put(name, [...records]),
      close: async () => {},
    }),
    list: async (prefix) => [...journals.keys()].filter((name) => name.startsWith(prefix)),
    lock: createLocalLocks(),
  }
}
