import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { open } from 'lmdb'
import { expect, it, onTestFinished } from 'vitest'
import { lmdbStorage } from '../../dev-server/storage/lmdb/lmdb.ts'
import { kill, startProgram } from '../support/killed-server.ts'
import { newFolder, openLmdb } from '../support/lmdb-folder.ts'
import { append, commit, contents, record } from '../support/storage-steps.ts'

it('a store in use by another process is refused, by name', async () => {
  const path = newFolder()
  const { child } = await startProgram(path)
  onTestFinished(() => kill(child))
  const storage = openLmdb(path)
  await expect(storage.read('a', 0, 1)).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining(`${path} is in use by process ${child.pid}`),
  })
  await expect(startProgram(path)).rejects.toThrow(`${path} is in use`)
})

it('a store whose process was killed opens at once', async () => {
  const path = newFolder()
  const { child, url } = await startProgram(path)
  const headers = { 'content-type': 'text/plain' }
  await fetch(`${url}/a`, { method: 'PUT', headers, body: 'kept' })
  await kill(child)
  const storage = openLmdb(path)
  expect(await contents(storage, 'a')).toBe('kept')
})

it.each([1, 6])(
  'of many that race for a store left by a dead process, one wins: %d',
  async (round) => {
    const path = newFolder()
    const { child } = await startProgram(path)
    await kill(child)
    const storages = Array.from({ length: 4 * round }, () => openLmdb(path))
    const opened = await Promise.allSettled(storages.map((storage) => storage.read('a', 0, 1)))
    const won = opened.filter(({ status }) => status === 'fulfilled')
    expect(won).toHaveLength(1)
  },
)

it('a store can be opened again once it is closed, and what it held is there', async () => {
  const path = newFolder()
  const first = lmdbStorage({ path })
  await commit(first, 'a', { kind: 'create', record })
  await append(first, 'a', 'kept')
  await first.close()
  const second = openLmdb(path)
  expect(await contents(second, 'a')).toBe('kept')
})

it('one that was refused opens when the store is free', async () => {
  const path = newFolder()
  const first = lmdbStorage({ path })
  await commit(first, 'a', { kind: 'create', record })
  const second = openLmdb(path)
  await expect(second.read('a', 0, 1)).rejects.toThrow('in use')
  await first.close()
  expect((await second.read('a', 0, 1))?.record).toEqual(record)
})

it('an owner that lost its store to another writes nothing more', async () => {
  const path = newFolder()
  const first = openLmdb(path)
  await commit(first, 'a', { kind: 'create', record })
  // As a cleaner of temporary files would: the owner looks dead to the next one.
  for (const name of ['owner-']) removeStartingWith(path, name)
  const second = openLmdb(path)
  await append(second, 'a', 'by the second')
  await expect(append(first, 'a', 'by the first')).rejects.toMatchObject({ code: 'unavailable' })
  expect(await contents(second, 'a')).toBe('by the second')
})

it('a folder with a long name serves as any other', async () => {
  const path = join(newFolder(), 'x'.repeat(120), 'y'.repeat(120))
  const storage = openLmdb(path)
  await commit(storage, 'a', { kind: 'create', record })
  await expect(openLmdb(path).read('a', 0, 1)).rejects.toThrow('in use')
})

it('a folder that cannot be is told by its name', async () => {
  const file = join(newFolder(), 'file')
  writeFileSync(file, '')
  const storage = openLmdb(join(file, 'folder'))
  await expect(storage.read('a', 0, 1)).rejects.toMatchObject({
    code: 'invalid',
    message: expect.stringContaining(join(file, 'folder')),
  })
})

it('a store that was never used closes, and leaves no folder behind', async () => {
  const path = join(newFolder(), 'unused')
  await lmdbStorage({ path }).close()
  mkdirSync(path)
})

it('a store of a later layout is left alone', async () => {
  const path = newFolder()
  const data = open({ path, keyEncoding: 'binary', encoding: 'binary', overlappingSync: false })
  await data.put(Buffer.from([0]), Buffer.from('{"version":2,"chunkBytes":1}'))
  await data.close()
  await expect(openLmdb(path).read('a', 0, 1)).rejects.toThrow('has layout 2')
})

function removeStartingWith(path: string, name: string): void {
  for (const entry of readdirSync(path)) if (entry.startsWith(name)) rmSync(join(path, entry))
}
