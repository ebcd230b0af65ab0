import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { eventually } from './eventually.ts'
import { describeStorageOfBytes } from './storage-bytes.ts'
import { describeStorageOfManyStreams } from './storage-many.ts'
import { describeStorageRaces } from './storage-races.ts'
import { append, commit, contents, join, producerOf, record, text } from './storage-steps.ts'
import type { Change, Storage } from '../../dev-server/storage/storage.ts'

/** The laws of {@link Storage}. Every driver's test file is one call to this. */
export function describeStorage(openStorage: () => Promise<Storage> | Storage): void {
  describe('updates', () => {
    it('know nothing of a stream that was never created', async () => {
      const storage = await open()
      expect(await storage.update('a', (found) => ({ outcome: found }))).toBeUndefined()
      expect(await storage.read('a', 0, 10)).toBeUndefined()
    })

    it('let one of many racing creators through', async () => {
      const storage = await open()
      const create = (): Promise<boolean> =>
        storage.update('a', (found) =>
          found ? { outcome: false } : { outcome: true, change: { kind: 'create', record } },
        )
      const won = await Promise.all(Array.from({ length: 20 }, create))
      expect(won.filter(Boolean)).toHaveLength(1)
    })

    it('lose none of many racing appends', async () => {
      const storage = await open()
      await commit(storage, 'a', { kind: 'create', record })
      await Promise.all(Array.from({ length: 50 }, () => append(storage, 'a', 'xy')))
      expect(await contents(storage, 'a')).toBe('xy'.repeat(50))
    })

    it('change nothing when the rule decides nothing, or throws', async () => {
      const storage = await open()
      await commit(storage, 'a', { kind: 'create', record, append: text.encode('kept') })
      await storage.update('a', () => ({ outcome: undefined }))
      const refuse = (): never => {
        throw new RangeError('no')
      }
      await expect(storage.update('a', refuse)).rejects.toThrow('no')
      expect(await contents(storage, 'a')).toBe('kept')
    })

    it('keep streams apart', async () => {
      const storage = await open()
      await commit(storage, 'a', { kind: 'create', record })
      await commit(storage, 'a/b', { kind: 'create', record: { ...record, id: 'other' } })
      await append(storage, 'a/b', 'mine')
      expect(await contents(storage, 'a')).toBe('')
      expect((await storage.read('a/b', 0, 0))?.record.id).toBe('other')
    })
  })

  describe('producers', () => {
    it.each(['', 'p', '__proto__', 'constructor', 'a b/ü', '\ud800'])(
      'are remembered by id: %s',
      async (id) => {
        const storage = await open()
        await commit(storage, 'a', { kind: 'create', record })
        await commit(storage, 'a', { kind: 'update', record, producer: { epoch: 1, seq: 7 } }, id)
        expect(await producerOf(storage, 'a', id)).toEqual({ epoch: 1, seq: 7 })
        expect(await producerOf(storage, 'a', `${id}2`)).toBeUndefined()
      },
    )

    it('are told apart however long and alike their ids are', async () => {
      const storage = await open()
      await commit(storage, 'a', { kind: 'create', record })
      const ids = ['1', '2', '\ud800', '\ud801'].map((end) => 'x'.repeat(8_000) + end)
      for (const [seq, id] of ids.entries()) {
        await commit(storage, 'a', { kind: 'update', record, producer: { epoch: 0, seq } }, id)
      }
      const seqs = await Promise.all(ids.map((id) => producerOf(storage, 'a', id)))
      expect(seqs).toEqual([0, 1, 2, 3].map((seq) => ({ epoch: 0, seq })))
    })

    it.each<Change['kind']>(['create', 'delete'])('are forgotten by a %s', async (kind) => {
      const storage = await open()
      await commit(storage, 'a', { kind: 'create', record })
      await commit(storage, 'a', { kind: 'update', record, producer: { epoch: 1, seq: 7 } }, 'p')
      await commit(storage, 'a', kind === 'delete' ? { kind } : { kind: 'create', record })
      expect(await producerOf(storage, 'a', 'p')).toBeUndefined()
    })
  })

  describe('reads', () => {
    it('give any part of what was appended, however it was cut', async () => {
      const storage = await open()
      const lengths = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 12 })
      let paths = 0
      await fc.assert(
        fc.asyncProperty(lengths, fc.nat(4_000), fc.nat(9_000), async (sizes, start, max) => {
          const path = `stream ${paths++}`
          await commit(storage, path, { kind: 'create', record })
          const appends = sizes.map((size, i) => new Uint8Array(size).fill(i + 1))
          for (const data of appends) await append(storage, path, data)
          const whole = Buffer.concat(appends)
          const all = (await storage.read(path, 0, whole.length + 1))!
          expect(Buffer.concat(all.bytes)).toEqual(whole)
          expect(Buffer.concat((await storage.read(path, start, max))!.bytes)).toEqual(
            whole.subarray(start, start + max),
          )
        }),
        { numRuns: 40 },
      )
    })

    it('give bytes that later appends do not change', async () => {
      const storage = await open()
      await commit(storage, 'a', { kind: 'create', record, append: text.encode('abc') })
      const before = (await storage.read('a', 0, 100))!
      await append(storage, 'a', 'def')
      expect(join(before.bytes)).toBe('abc')
      expect(before.record.tail).toBe(0)
    })

    it('find nothing of the former life of a path', async () => {
      const storage = await open()
      await commit(storage, 'a', { kind: 'create', record, append: text.encode('old') })
      await commit(storage, 'a', { kind: 'create', record: { ...record, id: 'second' } })
      expect(await contents(storage, 'a')).toBe('')
      await commit(storage, 'a', { kind: 'delete' })
      expect(await storage.read('a', 0, 100)).toBeUndefined()
    })
  })

  it('lists streams in the order of their paths, a page at a time', async () => {
    const storage = await open()
    for (const path of ['b', 'a/2', 'c', 'a/1']) {
      await commit(storage, path, { kind: 'create', record })
    }
    const first = await storage.list('', 3)
    expect(first.map(({ path }) => path)).toEqual(['a/1', 'a/2', 'b'])
    expect(first[0]?.record).toEqual(record)
    expect((await storage.list('b', 3)).map(({ path }) => path)).toEqual(['c'])
  })

  describe('watching', () => {
    it.each<[string, Change]>([
      ['an append', { kind: 'update', record, append: text.encode('x') }],
      ['a closing', { kind: 'update', record: { ...record, closed: true } }],
      ['a deletion', { kind: 'delete' }],
      ['a soft deletion', { kind: 'update', record: { ...record, softDeleted: true } }],
      ['a new creation', { kind: 'create', record: { ...record, id: 'second' } }],
    ])('tells of %s', async (_name, change) => {
      const storage = await open()
      await commit(storage, 'a', { kind: 'create', record })
      const listener = vi.fn<() => void>()
      storage.watch('a', listener)
      await commit(storage, 'a', change)
      await eventually(() => expect(listener).toHaveBeenCalled())
    })

    it('tells of changes that came with those of another stream', async () => {
      const storage = await open()
      await commit(storage, 'a', { kind: 'create', record })
      const listener = vi.fn<() => void>()
      storage.watch('a', listener)
      const change: Change = {
        kind: 'update',
        record: { ...record, tail: 1 },
        append: text.encode('x'),
      }
      await storage.update('elsewhere', () => ({ outcome: 0, otherChanges: [change] }), {
        others: ['a'],
      })
      await eventually(() => expect(listener).toHaveBeenCalledTimes(1))
      expect(await contents(storage, 'a')).toBe('x')
    })

    it('tells nothing of other streams, nor of changes that readers cannot see', async () => {
      const storage = await open()
      await commit(storage, 'a', { kind: 'create', record })
      const listener = vi.fn<() => void>()
      storage.watch('a', listener)
      await commit(storage, 'elsewhere', { kind: 'create', record })
      await commit(storage, 'a', { kind: 'update', record: { ...record } })
      await append(storage, 'a', 'seen')
      await eventually(() => expect(listener).toHaveBeenCalledTimes(1))
    })

    it('tells when the change can be read', async () => {
      const storage = await open()
      await commit(storage, 'a', { kind: 'create', record })
      const seen = new Promise((resolve) => {
        storage.watch('a', () => resolve(contents(storage, 'a')))
      })
      await append(storage, 'a', 'news')
      expect(await seen).toBe('news')
    })

    it('ends when asked, for that watcher alone', async () => {
      const storage = await open()
      await commit(storage, 'a', { kind: 'create', record })
      const [stays, leaves] = [vi.fn<() => void>(), vi.fn<() => void>()]
      storage.watch('a', stays)
      storage.watch('a', leaves)()
      await append(storage, 'a', 'x')
      await eventually(() => expect(stays).toHaveBeenCalled())
      expect(leaves).not.toHaveBeenCalled()
    })
  })

  describeStorageOfManyStreams(open)
  describeStorageOfBytes(open)
  describeStorageRaces(open)

  it('refuses everything once it is closed', async () => {
    const storage = await openStorage()
    await storage.close()
    await expect(storage.read('a', 0, 1)).rejects.toThrow('closed')
    await expect(commit(storage, 'a', { kind: 'create', record })).rejects.toThrow('closed')
  })

  async function open(): Promise<Storage> {
    const storage = await openStorage()
    onTestFinished(() => storage.close())
    return storage
  }
}
