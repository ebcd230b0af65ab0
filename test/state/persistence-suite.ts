import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Persistence } from '../../src/state/persistence/persistence.ts'

export interface PersistenceSuiteOptions {
  /** Opens a storage that nobody has used: each call of what it gives is another visit of it. */
  openStorage: () => Promise<() => Promise<Persistence> | Persistence>
  /** How often to try what chance may find. Default 100. */
  numRuns?: number
}

const STRANGE_NAMES = [
  ...['a', 'A', '', ' ', '.', '..', '../x', '/etc/x', 'a/b', 'a\\b', 'con', 'a.journal', 'a.tmp'],
  ...['__proto__', 'constructor', 'ключ 🔑', 'a\u0000b', '\ud800', '\ud801', 'é', 'e\u0301'],
  ...['x'.repeat(5_000), `${'x'.repeat(5_000)}y`, 'https://example.com/v1/stream/a?b=c#d'],
]

const STRANGE_RECORDS = ['', ' ', '\n', '\r\n', '\u0000', '\ud800', '{"a":1}\n', '🔑', '[]', 'null']

/** The laws of {@link Persistence}. Every driver's test file is one call to this. */
export function describePersistence(options: PersistenceSuiteOptions): void {
  describeJournals(options)
  describeLocks(options)
}

function describeJournals({ openStorage, numRuns = 100 }: PersistenceSuiteOptions): void {
  describe('a journal', () => {
    it('that nobody has written to is empty, and is not listed', async () => {
      const { list, open } = await (await openStorage())()
      const journal = await open('a')
      expect(await journal.read()).toEqual([])
      await journal.append([])
      await journal.replace([])
      expect(await list('')).toEqual([])
      await journal.close()
    })

    it('is what a plain list would be, through every visit and every crash', async () => {
      const records = fc.array(fc.oneof(fc.string(), fc.constantFrom(...STRANGE_RECORDS)), {
        maxLength: 4,
      })
      const step = fc.oneof(
        { weight: 4, arbitrary: fc.record({ kind: fc.constant('append' as const), records }) },
        { weight: 2, arbitrary: fc.record({ kind: fc.constant('replace' as const), records }) },
        { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('reopen', 'crash', 'read') }) },
      )
      const steps = fc.array(fc.tuple(fc.constantFrom('a', 'b'), step), { maxLength: 12 })
      const visit = await openStorage()
      let run = 0
      await fc.assert(
        fc.asyncProperty(steps, async (sequence) => {
          run += 1
          const model = new Map<string, string[]>()
          let storage = await visit()
          const open = new Map<string, Awaited<ReturnType<Persistence['open']>>>()
          for (const [name, { kind, ...given }] of sequence) {
            const id = `${run}:${name}`
            const journal = open.get(id) ?? (await storage.open(id))
            open.set(id, journal)
            const records = 'records' in given ? given.records : []
            if (kind === 'append') model.set(id, [...(model.get(id) ?? []), ...records])
            if (kind === 'replace') model.set(id, [...records])
            if (kind === 'append') await journal.append(records)
            if (kind === 'replace') await journal.replace(records)
            if (kind === 'reopen') await journal.close()
            if (kind === 'reopen' || kind === 'crash') {
              open.clear()
              storage = await visit()
            }
            expect(await (open.get(id) ?? (await storage.open(id))).read()).toEqual(
              model.get(id) ?? [],
            )
          }
          const last = await visit()
          for (const [id, records] of model) {
            expect(await (await last.open(id)).read()).toEqual(records)
          }
          const kept = [...model].filter(([, records]) => records.length > 0).map(([id]) => id)
          expect((await last.list(`${run}:`)).toSorted()).toEqual(kept.toSorted())
        }),
        { numRuns },
      )
    }, 120_000)

    it('takes any name for what it is, and any text', async () => {
      const visit = await openStorage()
      const storage = await visit()
      for (const name of STRANGE_NAMES) {
        const journal = await storage.open(name)
        await journal.append([name, ...STRANGE_RECORDS])
        await journal.close()
      }
      const later = await visit()
      for (const name of STRANGE_NAMES) {
        expect(await (await later.open(name)).read()).toEqual([name, ...STRANGE_RECORDS])
      }
      expect((await later.list('')).toSorted()).toEqual(STRANGE_NAMES.toSorted())
      expect(await later.list('https://')).toEqual([STRANGE_NAMES.at(-1)])
    })

    it('has what is written without waiting in the order of the calls', async () => {
      const visit = await openStorage()
      const journal = await (await visit()).open('a')
      const writes = [
        journal.append(['lost']),
        journal.replace(['0']),
        ...Array.from({ length: 20 }, (_, i) => journal.append([`${i}a`, `${i}b`])),
      ]
      await journal.close()
      const numbered = Array.from({ length: 20 }, (_, i) => [`${i}a`, `${i}b`]).flat()
      expect(await (await (await visit()).open('a')).read()).toEqual(['0', ...numbered])
      await Promise.all(writes)
    })

    it('holds large records, and many', async () => {
      const visit = await openStorage()
      const journal = await (await visit()).open('a')
      const large = Array.from({ length: 20 }, (_, i) => String(i).repeat(200_000))
      const many = Array.from({ length: 2_000 }, (_, i) => `record ${i}`)
      await journal.replace(large)
      await journal.append(many)
      const read = await (await (await visit()).open('a')).read()
      expect(read.length).toBe(large.length + many.length)
      expect(read).toEqual([...large, ...many])
    })

    it('goes on where another visit ended that has read it as well', async () => {
      const visit = await openStorage()
      const [one, two] = [await visit(), await visit()]
      const [first, second] = [await one.open('a'), await two.open('a')]
      await first.append(['1', '2'])
      await second.append(['3'])
      await first.read()
      await first.append(['4'])
      await second.replace(['5'])
      await second.append(['6'])
      await first.read()
      await first.append(['7'])
      expect(await second.read()).toEqual(['5', '6', '7'])
    })
  })
}

function describeLocks({ openStorage }: PersistenceSuiteOptions): void {
  describe('a lock', () => {
    it('has one holder at a time, among all visits, and passes to each who waits', async () => {
      const visit = await openStorage()
      const visits = [await visit(), await visit(), await visit()]
      let holders = 0
      const seen: number[] = []
      const contend = async ({ lock }: Persistence): Promise<void> => {
        const release = await lock('a', { wait: true })
        holders += 1
        seen.push(holders)
        await new Promise((resolve) => setTimeout(resolve, 1))
        holders -= 1
        release!()
      }
      await Promise.all([...visits, ...visits, ...visits].map(contend))
      expect(seen).toEqual(Array.from({ length: 9 }, () => 1))
    })

    it('is refused while another has it, to those who do not wait', async () => {
      const visit = await openStorage()
      const [one, two] = [await visit(), await visit()]
      const release = await one.lock('a', { wait: false })
      expect(release).toBeDefined()
      expect(await one.lock('a', { wait: false })).toBeUndefined()
      expect(await two.lock('a', { wait: false })).toBeUndefined()
      const other = await two.lock('../a', { wait: false })
      expect(other).toBeDefined()

      release!()
      release!()
      const taken = await two.lock('a', { wait: true })
      expect(await one.lock('a', { wait: false })).toBeUndefined()
      release!()
      expect(await one.lock('a', { wait: false })).toBeUndefined()
      taken!()
      other!()
    })

    it('is no longer waited for when the signal says so', async () => {
      const visit = await openStorage()
      const [one, two] = [await visit(), await visit()]
      const release = await one.lock('a', { wait: true })
      for (const { lock } of [one, two]) {
        const controller = new AbortController()
        const waiting = lock('a', { wait: true, signal: controller.signal })
        controller.abort(new Error('No longer'))
        await expect(waiting).rejects.toThrow('No longer')
        const late = lock('a', { wait: true, signal: AbortSignal.abort(new Error('Too late')) })
        await expect(late).rejects.toThrow('Too late')
      }
      release!()
      const next = await two.lock('a', { wait: true })
      expect(next).toBeDefined()
      next!()
    })
  })
}
