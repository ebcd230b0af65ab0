import type { Storage } from '../../dev-server/index.ts'

/** On the global object, because a restart of Vite may load this module anew. */
const STORAGES = Symbol.for('streamwell.vite.storages')

/** The one storage of this process for `key`: the same before and after a restart of Vite. */
export function sharedStorage(key: string, open: () => Storage): Storage {
  const holder = globalThis as { [STORAGES]?: Map<string, Storage> }
  const storages = (holder[STORAGES] ??= new Map())
  const storage = storages.get(key) ?? open()
  storages.set(key, storage)
  return storage
}
