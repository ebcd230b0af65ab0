import fc from 'fast-check'
import { expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { createFaultyFetch, seededRandom } from '../support/faulty-fetch.ts'
import { startServer } from '../support/server.ts'
import { someoneElse } from './chat.ts'
import { openCounters, put } from './counters.ts'

it('whatever people add to whatever rows, over a bad network, the sums are right', async () => {
  const { url: root } = await startServer()
  let run = 0
  const action = fc.record({
    person: fc.nat(3),
    key: fc.constantFrom('a', 'b'),
    n: fc.integer({ min: -9, max: 9 }),
    /** How many more writes begin before anybody waits. */
    pause: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 25 }), fc.nat(), async (actions, seed) => {
      const url = `${root}/sums-${run++}`
      await (await someoneElse(url)).appendAll([put(0), put(0, 'b')])
      const faulty = createFaultyFetch(seededRandom(seed), 0.1)
      const people = Array.from({ length: 4 }, () => openCounters(url, faulty.fetch))
      try {
        await Promise.all(people.map(({ db }) => db.preload()))
        const added: Promise<unknown>[] = []
        for (const { person, key, n, pause } of actions) {
          added.push(people[person]!.add(n, key))
          if (pause) await added.at(-1)
        }
        await Promise.all(added)
        const sumOf = (of: string) =>
          actions.reduce((sum, { key, n }) => (key === of ? sum + n : sum), 0)
        for (const { n } of people) {
          await eventually(() => expect([n('a'), n('b')]).toEqual([sumOf('a'), sumOf('b')]))
        }
      } finally {
        for (const { db } of people) db.close()
      }
    }),
    { numRuns: 20 },
  )
})
