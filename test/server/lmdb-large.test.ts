import { describe, expect, it, vi } from 'vitest'
import { lmdbStorage } from '../../dev-server/storage/lmdb/lmdb.ts'
import { countEntries, newFolder, openLmdb } from '../support/lmdb-folder.ts'
import { append, commit, grown, record, text } from '../support/storage-steps.ts'
import type { Storage } from '../../dev-server/storage/storage.ts'

describe('a stream of 300,000 messages', () => {
  it('is read from any offset, also after a restart, and goes without a trace', async () => {
    const path = newFolder()
    const first = lmdbStorage({ path })
    await commit(first, 'a', { kind: 'create', record })
    for (let n = 0; n < 300_000; n += 10_000) {
      await Promise.all(Array.from({ length: 10_000 }, (_, i) => append(first, 'a', line(n + i))))
    }
    await readSome(first)
    await first.close()
    // 138 chunks, and what is not full yet.
    expect(countEntries(path)).toBeLessThan(250)
    const second = lmdbStorage({ path })
    await readSome(second)
    await commit(second, 'a', { kind: 'delete' })
    // Closed in the midst of the removal, which goes on at the next start.
    await second.close()
    expect(countEntries(path)).toBeGreaterThan(100)
    await vi.waitFor(
      async () => {
        const next = lmdbStorage({ path })
        expect(await next.read('a', 0, 1)).toBeUndefined()
        await commit(next, 'b', { kind: 'create', record })
        await next.close()
        expect(countEntries(path)).toBeLessThan(10)
      },
      { timeout: 30_000 },
    )
  })

  async function readSome(storage: Storage): Promise<void> {
    for (let n = 0; n < 300_000; n += 7_919) {
      const { bytes } = (await storage.read('a', n * LINE_BYTES, 3 * LINE_BYTES))!
      expect(Buffer.concat(bytes).toString()).toBe(
        [n, n + 1, n + 2]
          .map(line)
          .join('')
          .slice(0, LINE_BYTES * Math.min(3, 300_000 - n)),
      )
    }
    const page = (await storage.read('a', 0, 2 ** 20))!
    expect(Buffer.concat(page.bytes).length).toBe(2 ** 20)
    expect(page.record.tail).toBe(300_000 * LINE_BYTES)
  }
})

it('10,000 streams are written and read at once', async () => {
  const storage = openLmdb(newFolder(), { streamsInMemory: 1_000 })
  const paths = Array.from({ length: 10_000 }, (_, i) => `stream ${i}`)
  await Promise.all(paths.map((path) => commit(storage, path, { kind: 'create', record })))
  for (const word of ['one ', 'two ', 'three']) {
    await Promise.all(paths.map((path) => append(storage, path, word + path)))
  }
  const read = await Promise.all(paths.map((path) => storage.read(path, 0, 1_000)))
  const found = read.map((slice) => Buffer.concat(slice!.bytes).toString())
  expect(found).toEqual(paths.map((path) => `one ${path}two ${path}three${path}`))
})

it('thousands of producers write to one stream, each with its own memory', async () => {
  const storage = openLmdb(newFolder(), { streamsInMemory: 1 })
  for (const path of ['a', 'b']) await commit(storage, path, { kind: 'create', record })
  const producers = Array.from({ length: 3_000 }, (_, i) => `producer ${i}`)
  for (let seq = 0; seq < 3; seq++) {
    const seen = await Promise.all(producers.map((producer) => write(storage, producer, seq)))
    expect(new Set(seen)).toEqual(new Set([seq - 1]))
    await append(storage, 'b', 'x')
  }
})

function write(storage: Storage, producer: string, seq: number): Promise<number> {
  const bytes = text.encode('x')
  return storage.update(
    'a',
    (found, state) => ({
      outcome: state?.seq ?? -1,
      change: {
        kind: 'update',
        record: grown(found!, bytes),
        append: bytes,
        producer: { epoch: 0, seq },
      },
    }),
    { producer },
  )
}

const LINE_BYTES = 30

function line(n: number): string {
  return `${String(n).padEnd(LINE_BYTES - 1, '.')}\n`
}
