import { describe, expect, it } from 'vitest'
import { append, commit, contents, record, recordOf, text } from './storage-steps.ts'
import type { Change, Decision, Storage, StreamRecord } from '../../dev-server/storage/storage.ts'

/** Laws of updates that concern several streams, of forks, of lists and of documents. */
export function describeStorageOfManyStreams(open: () => Promise<Storage>): void {
  describe('updates of several streams', () => {
    it('see all of them, and change all of them', async () => {
      const storage = await open()
      await commit(storage, 'b', { kind: 'create', record: { ...record, id: 'of b' } })
      const seen = await storage.update(
        'a',
        (_found, _producer, others) => ({
          outcome: others.map((other) => other?.id),
          change: { kind: 'create', record, append: text.encode('in a') },
          otherChanges: [appendOf(others[0]!, 'in b'), { kind: 'create', record }],
        }),
        { others: ['b', 'c'] },
      )
      expect(seen).toEqual(['of b', undefined])
      expect(await contents(storage, 'a')).toBe('in a')
      expect(await contents(storage, 'b')).toBe('in b')
      expect(await recordOf(storage, 'c')).toEqual(record)
    })

    it('change some of them, as the rule decides', async () => {
      const storage = await open()
      for (const path of ['b', 'c']) await commit(storage, path, { kind: 'create', record })
      const rule = (): Decision<number> => ({
        outcome: 0,
        otherChanges: [undefined, { kind: 'delete' }],
      })
      await storage.update('a', rule, { others: ['b', 'c'] })
      expect(await recordOf(storage, 'a')).toBeUndefined()
      expect(await recordOf(storage, 'b')).toEqual(record)
      expect(await recordOf(storage, 'c')).toBeUndefined()
    })

    it('lose and make nothing, however many race', async () => {
      const storage = await open()
      const paths = ['a', 'b', 'c', 'd']
      for (const path of paths) {
        await commit(storage, path, { kind: 'create', record: { ...record, document: 100 } })
      }
      await Promise.all(
        Array.from({ length: 301 }, (_, i) =>
          move(storage, paths[i % 4]!, paths[(i * 7 + 1 + (i % 3)) % 4]!, (i % 5) + 1),
        ),
      )
      const held = await Promise.all(
        paths.map(async (path) => heldBy(await recordOf(storage, path))),
      )
      expect(held.reduce((sum, one) => sum + one, 0)).toBe(400)
      expect(held).not.toEqual([100, 100, 100, 100])
    })
  })

  it('lets each of many updates in a row see the one before it', async () => {
    const storage = await open()
    await commit(storage, 'a', { kind: 'create', record })
    const tails = await Promise.all(Array.from({ length: 500 }, () => append(storage, 'a', 'abc')))
    expect(tails).toEqual(Array.from({ length: 500 }, (_, i) => 3 * i))
  })

  describe('forks', () => {
    const fork = { path: 'source', id: 'first', at: 1000 }

    it('begin where they leave their source', async () => {
      const storage = await open()
      const forked: StreamRecord = { ...record, tail: 1000, fork }
      await commit(storage, 'a', { kind: 'create', record: forked })
      await append(storage, 'a', 'own bytes')
      expect(await textAt(storage, 'a', 1000)).toBe('own bytes')
      expect(await textAt(storage, 'a', 1004)).toBe('bytes')
      expect(await textAt(storage, 'a', 999)).toBe('')
      expect(await textAt(storage, 'a', 0)).toBe('')
      expect((await storage.read('a', 1000, 3))!.record).toEqual({ ...forked, tail: 1009 })
    })

    it('are counted by their source as they come and go', async () => {
      const storage = await open()
      await commit(storage, 'source', { kind: 'create', record: { ...record, tail: 1000 } })
      const paths = Array.from({ length: 40 }, (_, i) => `fork/${i}`)
      await Promise.all(paths.map((path) => refer(storage, path, 1)))
      expect((await recordOf(storage, 'source'))?.forks).toBe(40)
      await Promise.all(paths.slice(0, 25).map((path) => refer(storage, path, -1)))
      expect((await recordOf(storage, 'source'))?.forks).toBe(15)
    })

    function refer(storage: Storage, path: string, step: 1 | -1): Promise<void> {
      const change: Change =
        step === 1
          ? { kind: 'create', record: { ...record, tail: 1000, fork } }
          : { kind: 'delete' }
      return storage.update(
        path,
        (_found, _producer, [source]) => ({
          outcome: undefined,
          change,
          otherChanges: [
            { kind: 'update', record: { ...source!, forks: (source!.forks ?? 0) + step } },
          ],
        }),
        { others: ['source'] },
      )
    }
  })

  describe('lists', () => {
    const long = 'x'.repeat(1_000)
    const paths = [
      ...['a', 'a/b', 'a0', 'b', 'Z', '%20', '__registry__', '~', 'é', '\uffee', '\u{1f600}'],
      ...['1', '2', '10'].map((end) => `${long}${end}`),
      ...['', '1', '2', '10'].map((end) => `${long.repeat(3)}${end}`),
    ]

    it.each([1, 2, 7, 100])('name each stream once and in order, by pages of %d', async (limit) => {
      const storage = await open()
      await Promise.all(paths.map((path) => commit(storage, path, { kind: 'create', record })))
      const found: string[] = []
      for (let after = ''; ; after = found.at(-1)!) {
        const page = await storage.list(after, limit)
        if (page.length === 0) break
        expect(page.length).toBeLessThanOrEqual(limit)
        found.push(...page.map(({ path }) => path))
      }
      expect(found).toEqual(paths.toSorted())
    })

    it('know what was deleted, made again, and changed', async () => {
      const storage = await open()
      for (const path of ['a', 'b', 'c']) await commit(storage, path, { kind: 'create', record })
      await commit(storage, 'a', { kind: 'delete' })
      await commit(storage, 'b', { kind: 'create', record: { ...record, id: 'second' } })
      await append(storage, 'c', 'xyz')
      expect(await storage.list('', 10)).toEqual([
        { path: 'b', record: { ...record, id: 'second' } },
        { path: 'c', record: { ...record, tail: 3 } },
      ])
    })

    it.each(paths)('and updates keep apart paths that are alike: %s', async (path) => {
      const storage = await open()
      await commit(storage, path, { kind: 'create', record, append: text.encode('mine') })
      expect(await recordOf(storage, `${path}!`)).toBeUndefined()
      expect(await recordOf(storage, path.slice(0, -1))).toBeUndefined()
      expect((await storage.read(path, 0, 4))!.record).toEqual(record)
    })
  })

  it('keeps documents as they are', async () => {
    const storage = await open()
    const document = {
      list: [1, -0.5, 1e300, null, true, '', '\ud800', 'é\u0000"\\'],
      nested: { 'a b': { constructor: [], toString: {} } },
      long: 'x'.repeat(100_000),
    }
    await commit(storage, '__ds/one', { kind: 'create', record: { ...record, document } })
    expect((await recordOf(storage, '__ds/one'))?.document).toEqual(document)
    expect((await storage.list('__ds/', 1))[0]?.record.document).toEqual(document)
    expect((await storage.read('__ds/one', 0, 1))?.record.document).toEqual(document)
  })
}

function appendOf(found: StreamRecord, data: string): Change {
  const bytes = text.encode(data)
  return { kind: 'update', record: { ...found, tail: found.tail + bytes.length }, append: bytes }
}

function move(storage: Storage, from: string, to: string, count: number): Promise<void> {
  if (from === to) return Promise.resolve()
  return storage.update(
    from,
    (source, _producer, [target]) => ({
      outcome: undefined,
      change: holding(source!, heldBy(source) - count),
      otherChanges: [holding(target!, heldBy(target) + count)],
    }),
    { others: [to] },
  )
}

function holding(found: StreamRecord, document: number): Change {
  return { kind: 'update', record: { ...found, document } }
}

function heldBy(found: StreamRecord | undefined): number {
  return found?.document as number
}

async function textAt(storage: Storage, path: string, start: number): Promise<string> {
  return Buffer.concat((await storage.read(path, start, 100))!.bytes).toString()
}
