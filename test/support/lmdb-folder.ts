import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'lmdb'
import { onTestFinished } from 'vitest'
import { lmdbStorage, type LmdbOptions } from '../../dev-server/storage/lmdb/lmdb.ts'
import type { Storage } from '../../dev-server/storage/storage.ts'

/** A folder of the calling test, removed when it ends. */
export function newFolder(): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'streamwell-lmdb-')))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** An LMDB storage of the calling test, closed when it ends. */
export function openLmdb(path: string, options: Partial<LmdbOptions> = {}): Storage {
  const storage = lmdbStorage({ path, ...options })
  onTestFinished(() => storage.close())
  return storage
}

/** How many values there are in a store that is closed. */
export function countEntries(path: string): number {
  const data = open({ path, keyEncoding: 'binary', encoding: 'binary', overlappingSync: false })
  const { entryCount } = data.getStats() as { entryCount: number }
  void data.close()
  return entryCount
}
