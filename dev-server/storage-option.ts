import { invalidOption } from './option-checks.ts'
import { lmdbStorage, type LmdbOptions } from './storage/lmdb/lmdb.ts'
import { memoryStorage } from './storage/memory.ts'
import type { Storage } from './storage/storage.ts'

/** Where streams live: in this process's memory, on disk, or in a storage that is open already. */
export type StorageOption = 'memory' | { lmdb: LmdbOptions } | Storage

/** @throws {StreamError} `invalid` for what is no storage. */
export function openStorage(storage: unknown): {
  storage: Storage
  /** Whether nobody else will close it. */
  owned: boolean
} {
  if (storage === 'memory') return { storage: memoryStorage(), owned: true }
  if (typeof storage === 'object' && storage !== null) {
    if ('update' in storage) return { storage: storage as Storage, owned: false }
    if ('lmdb' in storage) return { storage: lmdbStorage(checkLmdb(storage.lmdb)), owned: true }
  }
  const allowed = "'memory', { lmdb: { path } } or an object that implements Storage"
  throw invalidOption('storage', storage, allowed)
}

function checkLmdb(lmdb: unknown): LmdbOptions {
  const isObject = typeof lmdb === 'object' && lmdb !== null
  const path = isObject && 'path' in lmdb ? lmdb.path : undefined
  if (typeof path === 'string' && path !== '') return lmdb as LmdbOptions
  throw invalidOption('storage.lmdb.path', path, "the name of a folder such as './data'")
}
