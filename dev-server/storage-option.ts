import { invalidOption } from './option-checks.ts'
import { memoryStorage } from './storage/memory.ts'
import type { Storage } from './storage/storage.ts'

/** Where streams live: in this process's memory, or in a storage that is open already. */
export type StorageOption = 'memory' | Storage

/** @throws {StreamError} `invalid` for what is no storage. */
export function openStorage(storage: unknown): {
  storage: Storage
  /** Whether nobody else will close it. */
  owned: boolean
} {
  if (storage === 'memory') return { storage: memoryStorage(), owned: true }
  if (typeof storage === 'object' && storage !== null && 'update' in storage) {
    return { storage: storage as Storage, owned: false }
  }
  throw invalidOption('storage', storage, "'memory' or an object that implements Storage")
}
