import { readdir, readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { journalName } from '../../src/state/db/row-journal-name.ts'
import { filePersistence } from '../../src/state/persistence/file/index.ts'
import {
  indexedDBPersistence,
  memoryPersistence,
  type Persistence,
} from '../../src/state/persistence/index.ts'
import { eventually } from '../support/eventually.ts'
import { installIndexedDB } from '../support/fake-indexed-db.ts'
import { createFolder } from '../support/folder.ts'
import { chatUrl, openChat, schema, someoneElse } from './chat.ts'
import { countingFetch, keptTexts, leave, silent } from './kept-chat.ts'

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

const user = (id: string, name = 'Someone') => schema.users.upsert({ value: { id, name } })

/** A storage that fails in what `isFull` names, as long as it does. */
function faulty(storage: Persistence, isFull: { value: boolean }): Persistence {
  const check = (): void => {
    if (isFull.value) throw new DOMException('No room', 'QuotaExceededError')
  }
  return {
    ...storage,
    async open(name) {
      const journal = await storage.open(name)
      return {
        ...journal,
        append: async (records) => (check(), journal.append(records)),
        replace: async (records) => (check(), journal.replace(records)),
      }
    },
  }
}

describe('a database goes on', () => {
  it('when nothing more can be kept, tells of it, and keeps all once there is room', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    const storage = memoryPersistence()
    const isFull = { value: false }
    const errors: unknown[] = []
    const db = openChat(url, {
      persistence: faulty(storage, isFull),
      onPersistenceError: (error) => errors.push(error),
    })
    await other.append(user('1'))
    await db.preload()
    await eventually(async () => expect(await keptTexts(url, storage)).toHaveLength(1))
    isFull.value = true
    await other.append(user('2'))
    await eventually(() => expect(errors.length).toBeGreaterThan(0))
    expect(errors[0]).toMatchObject({ name: 'QuotaExceededError' })
    await other.append(user('3'))
    await eventually(() => expect(db.collections.users.size).toBe(3))
    expect(db.status.current).toEqual({ kind: 'live' })
    expect((await keptTexts(url, storage)).join('')).not.toContain('"2"')

    isFull.value = false
    await eventually(async () => expect((await keptTexts(url, storage)).join('')).toContain('"3"'))
    await leave(db, storage)
    const next = openChat(url, { persistence: storage, stream: silent(url) })
    await next.collections.users.preload()
    expect([...next.collections.users.keys()].toSorted()).toEqual(['1', '2', '3'])
  })

  it.each(['open', 'lock'] as const)('when %s fails', async (call) => {
    const url = await chatUrl()
    await (await someoneElse(url)).append(user('1'))
    const errors: unknown[] = []
    const db = openChat(url, {
      persistence: { ...memoryPersistence(), [call]: () => Promise.reject(new Error('Broken')) },
      onPersistenceError: (error) => errors.push(error),
    })
    await db.preload()
    expect(db.collections.users.size).toBe(1)
    expect(errors).toEqual([new Error('Broken')])
  })

  it.each([
    ['no JSON', ['rubbish']],
    ['rows without their offset', [JSON.stringify({ put: { user: ['9', 1, { id: '9' }] } })]],
    ['another format', [JSON.stringify({ schema: 'other', offset: '0', ordinal: 1 })]],
    ['nothing', ['null']],
  ])('without what was kept when that is %s', async (_what, texts) => {
    const url = await chatUrl()
    await (await someoneElse(url)).append(user('1'))
    const storage = memoryPersistence()
    const good = openChat(url, { persistence: storage })
    await good.preload()
    await leave(good, storage)
    const journal = await storage.open(journalName(url))
    const [first] = await journal.read()
    const { schema: made } = JSON.parse(first!) as { schema: string }
    await journal.replace(
      texts.map((text) => text.replace('{"put"', `{"schema":${JSON.stringify(made)},"put"`)),
    )

    const db = openChat(url, { persistence: storage })
    await db.preload()
    expect([...db.collections.users.keys()]).toEqual(['1'])
    await leave(db, storage)
    const [kept] = await keptTexts(url, storage)
    expect(JSON.parse(kept!)).toMatchObject({ schema: made })
  })

  it('without IndexedDB, which is told once', async () => {
    vi.stubGlobal('indexedDB', undefined)
    const url = await chatUrl()
    await (await someoneElse(url)).append(user('1'))
    const told: unknown[] = []
    const persistence = indexedDBPersistence({ onDegrade: (error) => told.push(error) })
    for (let i = 0; i < 2; i++) {
      const db = openChat(url, { persistence })
      await db.preload()
      expect(db.collections.users.size).toBe(1)
      await leave(db, persistence)
    }
    expect(told).toEqual([expect.objectContaining({ name: 'StreamError', code: 'unavailable' })])
    expect(await persistence.list('')).toEqual([journalName(url)])
  })

  it('with IndexedDB that has no room, and keeps in memory what it has', async () => {
    installIndexedDB()
    const url = await chatUrl()
    await (await someoneElse(url)).append(user('1'))
    vi.spyOn(IDBObjectStore.prototype, 'add').mockImplementation(() => {
      throw new DOMException('No room', 'QuotaExceededError')
    })
    const told: unknown[] = []
    const errors: unknown[] = []
    const persistence = indexedDBPersistence({ onDegrade: (error) => told.push(error) })
    const onPersistenceError = (error: unknown): void => void errors.push(error)
    const db = openChat(url, { persistence, onPersistenceError })
    await db.preload()
    await leave(db, persistence)
    const counted = countingFetch()
    const next = openChat(url, {
      persistence,
      onPersistenceError,
      streamOptions: { url, fetch: counted.fetch },
    })
    await next.preload()
    expect(next.collections.users.size).toBe(1)
    expect(counted.offsets[0]).toBe(db.offset)
    expect(told).toHaveLength(1)
    expect(errors).toEqual([])
  })

  it('from the write before the one that was torn, at whatever byte', async () => {
    const { path, remove } = await createFolder()
    onTestFinished(remove)
    const url = await chatUrl()
    const other = await someoneElse(url)
    const persistence = filePersistence({ folder: path })
    const sizes: number[] = []
    for (const id of ['1', '2']) {
      await other.append(user(id))
      const db = openChat(url, { persistence })
      await db.preload()
      await leave(db, persistence)
      sizes.push((await readFile(await journalFile(path))).length)
    }
    const [whole, all] = sizes as [number, number]
    expect(all).toBeGreaterThan(whole)
    for (const size of [all - 1, Math.floor((whole + all) / 2), whole + 1]) {
      await truncate(await journalFile(path), size)
      const db = openChat(url, { persistence })
      await db.preload()
      expect([...db.collections.users.keys()].toSorted()).toEqual(['1', '2'])
      await leave(db, persistence)
      expect((await keptTexts(url, persistence)).join('')).toContain(db.offset)
    }
  })
})

describe('what is kept', () => {
  it('does not grow with the history, but with the rows', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    const storage = memoryPersistence()
    const sizes: number[] = []
    const text = 'x'.repeat(20_000)
    for (let i = 0; i < 25; i++) {
      await other.append(user('1', `${i} ${text}`))
      const db = openChat(url, { persistence: storage })
      await db.preload()
      await leave(db, storage)
      sizes.push((await keptTexts(url, storage)).join('').length)
    }
    expect(Math.max(...sizes)).toBeLessThan(200_000)
    expect(Math.min(...sizes.slice(5))).toBeLessThan(50_000)
  })
})

async function journalFile(folder: string): Promise<string> {
  const files = await readdir(folder)
  return join(folder, files.find((file) => file.endsWith('.journal'))!)
}
