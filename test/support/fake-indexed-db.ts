import * as fake from 'fake-indexeddb'

/** Gives Node an IndexedDB of its own, with nothing in it. */
export function installIndexedDB(): void {
  const classes = Object.entries(fake).filter(([name]) => name.startsWith('IDB'))
  Object.assign(globalThis, Object.fromEntries(classes), { indexedDB: new fake.IDBFactory() })
}
