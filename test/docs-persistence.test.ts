import { describe } from 'vitest'
import type { Persistence } from '../src/state/persistence/persistence.ts'
import { describePersistence } from './state/persistence-suite.ts'
import { codeBlocksOf, readPage } from './support/markdown.ts'
import { runBlock } from './support/run-block.ts'

interface AsyncStorage {
  getItem: (key: string) => Promise<string | null>
  setItem: (key: string, text: string) => Promise<unknown>
  removeItem: (key: string) => Promise<unknown>
  getAllKeys: () => Promise<readonly string[]>
}

/** React Native's, as far as it is told of: every call takes a while. */
function asyncStorage(): AsyncStorage {
  const items = new Map<string, string>()
  const soon = async <Result>(work: () => Result): Promise<Result> => {
    await new Promise(setImmediate)
    return work()
  }
  return {
    getItem: (key) => soon(() => items.get(key) ?? null),
    setItem: (key, text) => soon(() => items.set(key, text)),
    removeItem: (key) => soon(() => items.delete(key)),
    getAllKeys: () => soon(() => [...items.keys()]),
  }
}

const FILE = 'docs/persistence.md'

describe('the driver that the page shows in full', () => {
  const blocks = codeBlocksOf(FILE, readPage(FILE))
  const block = blocks.find(({ code }) => code.includes('export function asyncStoragePersistence'))!
  const { asyncStoragePersistence } = runBlock<{
    asyncStoragePersistence: (storage: AsyncStorage) => Persistence
  }>(block)
  describePersistence({
    openStorage: async () => {
      const persistence = asyncStoragePersistence(asyncStorage())
      return () => persistence
    },
  })
})
