import { describe, expect, it } from 'vitest'
import { commit, grown, record, text } from './storage-steps.ts'
import type {
  Decide,
  Storage,
  StreamRecord,
  UpdateScope,
} from '../../dev-server/storage/storage.ts'

const ROUNDS = 100

interface Operation {
  decide: Decide<string>
  scope?: (path: string) => UpdateScope
  /** What is updated; the stream itself unless told. */
  target?: (path: string) => string
}

/** Rules as a server has them, each with a refusal for each state in which it does not apply. */
const OPERATIONS: Record<string, Operation> = {
  create: {
    decide: (found) =>
      found ? { outcome: 'exists' } : { outcome: 'created', change: { kind: 'create', record } },
  },
  append: {
    decide: (found) => {
      if (!isOpen(found)) return { outcome: 'refused' }
      const bytes = text.encode('append;')
      const change = { kind: 'update', record: grown(found, bytes), append: bytes } as const
      return { outcome: `appended at ${found.tail}`, change }
    },
  },
  close: {
    decide: (found) =>
      isOpen(found)
        ? { outcome: 'closed', change: { kind: 'update', record: { ...found, closed: true } } }
        : { outcome: 'refused' },
  },
  delete: {
    decide: (found) => {
      if (!found) return { outcome: 'missing' }
      if (!found.forks) return { outcome: 'deleted', change: { kind: 'delete' } }
      const soft: StreamRecord = { ...found, softDeleted: true }
      return { outcome: 'soft', change: { kind: 'update', record: soft } }
    },
  },
  fork: {
    target: (path) => `${path}/fork`,
    scope: (path) => ({ others: [path] }),
    decide: (found, _producer, [source]) => {
      if (found) return { outcome: 'exists' }
      if (!source || source.softDeleted) return { outcome: 'no source' }
      const fork = { path: 'source', id: source.id, at: source.tail }
      return {
        outcome: `forked at ${fork.at}`,
        change: { kind: 'create', record: { ...record, tail: fork.at, fork } },
        otherChanges: [{ kind: 'update', record: { ...source, forks: (source.forks ?? 0) + 1 } }],
      }
    },
  },
  'producer append': {
    scope: () => ({ producer: 'p' }),
    decide: (found, producer) => {
      if (!isOpen(found)) return { outcome: 'refused' }
      const bytes = text.encode('producer;')
      const next = { epoch: 0, seq: (producer?.seq ?? -1) + 1 }
      const change = { kind: 'update', record: grown(found, bytes), append: bytes } as const
      return { outcome: `seq ${next.seq}`, change: { ...change, producer: next } }
    },
  },
}

const PAIRS = Object.keys(OPERATIONS).flatMap((one, i, all) =>
  all.slice(i).map((other): [string, string] => [one, other]),
)

/** The law of races: two operations at once end as the one and then the other would. */
export function describeStorageRaces(open: () => Promise<Storage>): void {
  describe('races', () => {
    it.each(PAIRS)('of %s and %s end as one after the other', async (one, other) => {
      const storage = await open()
      const a = OPERATIONS[one]!
      const b = OPERATIONS[other]!
      const inTurn = [await inOrder(storage, 'ab', a, b), await inOrder(storage, 'ba', b, a)]
      const allowed = new Set([
        inTurn[0]!.join(),
        [inTurn[1]![1], inTurn[1]![0], inTurn[1]![2]].join(),
      ])
      const wrong: string[] = []
      const rounds = Array.from({ length: ROUNDS }, async (_, i) => {
        const path = `race/${i}`
        await begin(storage, path)
        const first = i % 2 === 0 ? run(storage, path, a) : undefined
        const second = run(storage, path, b)
        const ended = await Promise.all([first ?? run(storage, path, a), second])
        const result = [...ended, await state(storage, path)].join()
        if (!allowed.has(result)) wrong.push(result)
      })
      await Promise.all(rounds)
      expect(wrong).toEqual([])
    })
  })
}

async function inOrder(
  storage: Storage,
  path: string,
  first: Operation,
  second: Operation,
): Promise<string[]> {
  await begin(storage, path)
  const outcomes = [await run(storage, path, first), await run(storage, path, second)]
  return [...outcomes, await state(storage, path)]
}

function begin(storage: Storage, path: string): Promise<undefined> {
  return commit(storage, path, { kind: 'create', record })
}

function run(storage: Storage, path: string, operation: Operation): Promise<string> {
  const { decide, scope, target } = operation
  return storage.update(target?.(path) ?? path, decide, scope?.(path))
}

/** All that can be seen of a stream and its fork. */
async function state(storage: Storage, path: string): Promise<string> {
  const seen = await Promise.all([path, `${path}/fork`].map((one) => storage.read(one, 0, 1000)))
  return JSON.stringify(
    seen.map((slice) => slice && [slice.record, Buffer.concat(slice.bytes).toString()]),
  )
}

function isOpen(found: StreamRecord | undefined): found is StreamRecord {
  return !!found && !found.closed && !found.softDeleted
}
