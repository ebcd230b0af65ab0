import { describe } from 'vitest'
import { lmdbStorage } from '../../dev-server/storage/lmdb/lmdb.ts'
import { newFolder } from '../support/lmdb-folder.ts'
import { describeStorage } from '../support/storage-suite.ts'

describe('LMDB storage', () => {
  describeStorage(() => lmdbStorage({ path: newFolder() }))
})

describe('LMDB storage that keeps nothing in memory, and cuts bytes small', () => {
  const options = { chunkBytes: 64, memoryBytes: 0, streamsInMemory: 1 }
  describeStorage(() => lmdbStorage({ path: newFolder(), ...options }))
})
