import fc from 'fast-check'
import { expect, it } from 'vitest'
import { countEntries, newFolder, openLmdb } from '../support/lmdb-folder.ts'
import { append, commit, record } from '../support/storage-steps.ts'
import type { Storage } from '../../dev-server/storage/storage.ts'

type Step = { append: number[] } | { read: [number, number] } | 'other' | 'reopen'

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    // Several at once share a commit.
    { weight: 6, arbitrary: fc.array(fc.nat(90), { minLength: 1, maxLength: 5 }).map(appendOf) },
    { weight: 4, arbitrary: fc.tuple(fc.nat(400), fc.nat(300)).map(readOf) },
    { weight: 2, arbitrary: fc.constant('other' as const) },
    { weight: 1, arbitrary: fc.constant('reopen' as const) },
  ),
  { maxLength: 25 },
)

it.each([
  { chunkBytes: 1, memoryBytes: 0, streamsInMemory: 1 },
  { chunkBytes: 37, memoryBytes: 0, streamsInMemory: 1 },
  { chunkBytes: 50, memoryBytes: 1_000_000, streamsInMemory: 1_000 },
  { chunkBytes: 1_000, memoryBytes: 300, streamsInMemory: 1_000 },
])('bytes are the same whatever they were merged into: %o', async (options) => {
  const path = newFolder()
  let storage = openLmdb(path, options)
  let streams = 0
  await fc.assert(
    fc.asyncProperty(steps, fc.nat(100), async (all, at) => {
      const stream = `stream ${streams++}`
      const fork = { path: 'source', id: 'source', at }
      await commit(storage, stream, { kind: 'create', record: { ...record, tail: at, fork } })
      let expected = Buffer.alloc(0)
      for (const step of all) {
        if (step === 'reopen') {
          await storage.close()
          storage = openLmdb(path, options)
        } else if (step === 'other') {
          await commit(storage, 'another', { kind: 'create', record })
        } else if ('append' in step) {
          const parts = step.append.map((size, i) => Buffer.alloc(size, expected.length + i + 1))
          expected = Buffer.concat([expected, ...parts])
          await Promise.all(parts.map((part) => append(storage, stream, part)))
        } else {
          const [start, length] = step.read
          const found = await bytesAt(storage, stream, at + start, length)
          expect(found).toEqual(expected.subarray(start, start + length))
        }
      }
      expect(await bytesAt(storage, stream, at, 1_000_000)).toEqual(expected)
    }),
    { numRuns: 40 },
  )
})

it('many tiny appends between evictions become few values again', async () => {
  const storage = openLmdb(newFolder(), { memoryBytes: 0, streamsInMemory: 1 })
  for (const path of ['a', 'b']) await commit(storage, path, { kind: 'create', record })
  for (let i = 0; i < 300; i++) {
    await Promise.all([append(storage, 'a', 'a'), append(storage, 'b', 'b')])
  }
  expect((await bytesAt(storage, 'a', 0, 1_000)).toString()).toBe('a'.repeat(300))
  expect((await bytesAt(storage, 'b', 100, 1_000)).toString()).toBe('b'.repeat(200))
})

it('a stream that grew by small appends lies in few values', async () => {
  const path = newFolder()
  const storage = openLmdb(path, { chunkBytes: 3_000 })
  await commit(storage, 'a', { kind: 'create', record })
  for (let i = 0; i < 300; i++) {
    await Promise.all(Array.from({ length: 5 }, () => append(storage, 'a', 'x'.repeat(140))))
  }
  await storage.close()
  // 70 chunks, and a record, a path, and so on.
  expect(countEntries(path)).toBeLessThan(80)
})

function appendOf(sizes: number[]): Step {
  return { append: sizes }
}

function readOf(range: [number, number]): Step {
  return { read: range }
}

async function bytesAt(
  storage: Storage,
  path: string,
  start: number,
  maxBytes: number,
): Promise<Buffer> {
  return Buffer.concat((await storage.read(path, start, maxBytes))!.bytes)
}
