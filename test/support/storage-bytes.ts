import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { append, commit, record } from './storage-steps.ts'
import type { Storage } from '../../dev-server/storage/storage.ts'

const nextTurn = promisify(setImmediate)

/** Sizes about which chunks, pages and buffers tend to end. */
const SIZES = [1, 255, 256, 1000, 1001, 4096, 65_511, 65_512, 65_513, 65_536, 1_048_577, 5_000_000]

/** Laws of bytes: what comes out is what went in. */
export function describeStorageOfBytes(open: () => Promise<Storage>): void {
  describe('bytes', () => {
    it.each(SIZES)('come out as they went in: %d at once', async (size) => {
      const storage = await open()
      const before = randomBytes(10)
      const data = randomBytes(size)
      await commit(storage, 'a', {
        kind: 'create',
        record: { ...record, tail: 10 },
        append: before,
      })
      await append(storage, 'a', data)
      await append(storage, 'a', before)
      const all = Buffer.concat([before, data, before])
      expect(all.equals(await readAll(storage, 'a', 1_000_000))).toBe(true)
    })

    it('come out as they went in, whatever the page', async () => {
      const storage = await open()
      await commit(storage, 'a', { kind: 'create', record })
      const parts = Array.from({ length: 700 }, (_, i) => randomBytes((i * 37) % 613))
      await Promise.all(parts.map((part) => append(storage, 'a', part)))
      const all = Buffer.concat(parts)
      for (const pageBytes of [977, 65_536, 100_000, 10_000_000]) {
        expect(all.equals(await readAll(storage, 'a', pageBytes))).toBe(true)
      }
    })

    it('are those of the same moment as the record', async () => {
      const storage = await open()
      await commit(storage, 'a', { kind: 'create', record })
      const writing = Promise.all(Array.from({ length: 200 }, () => append(storage, 'a', 'abc')))
      let last = 0
      while (last < 600) {
        const { record: found, bytes } = (await storage.read('a', 0, 1_000))!
        expect(Buffer.concat(bytes).toString()).toBe('abc'.repeat(found.tail / 3))
        expect(found.tail).toBeGreaterThanOrEqual(last)
        last = found.tail
        await nextTurn()
      }
      await writing
    })
  })
}

async function readAll(storage: Storage, path: string, pageBytes: number): Promise<Buffer> {
  const pages: Uint8Array[] = []
  for (let at = 0; ; ) {
    const { bytes } = (await storage.read(path, at, pageBytes))!
    expect(bytes.every(({ length }) => length > 0)).toBe(true)
    const page = Buffer.concat(bytes)
    if (page.length === 0) return Buffer.concat(pages)
    pages.push(page)
    at += page.length
  }
}
