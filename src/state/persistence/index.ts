export { indexedDBPersistence, type IndexedDBOptions } from './indexed-db.ts'
export { memoryPersistence } from './memory.ts'
export type { Journal, Persistence, Release } from './persistence.ts'
