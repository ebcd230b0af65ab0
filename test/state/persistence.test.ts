import { afterAll, describe, onTestFinished, vi } from 'vitest'
import { indexedDBPersistence, memoryPersistence } from '../../src/state/persistence/index.ts'
import { filePersistence } from '../../src/state/persistence/file/index.ts'
import { installIndexedDB } from '../support/fake-indexed-db.ts'
import { createFolder } from '../support/folder.ts'
import { describePersistence } from './persistence-suite.ts'

afterAll(() => vi.unstubAllGlobals())

describe('in memory', () => {
  describePersistence({
    openStorage: async () => {
      const persistence = memoryPersistence()
      return () => persistence
    },
  })
})

describe('in IndexedDB, on a page without Web Locks', () => {
  describePersistence({
    openStorage: async () => {
      installIndexedDB()
      vi.stubGlobal('navigator', {})
      return () =>
        indexedDBPersistence({
          onDegrade: (error) => {
            throw error
          },
        })
    },
  })
})

describe('in files', () => {
  describePersistence({
    openStorage: async () => {
      const { path, remove } = await createFolder()
      onTestFinished(remove)
      return () => filePersistence({ folder: path })
    },
  })
})
