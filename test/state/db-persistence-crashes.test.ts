import fc from 'fast-check'
import { afterEach, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { DurableStream } from 'streamwell'
import {
  createStateSchema,
  createStreamDB,
  MaterializedState,
  type StateEvent,
} from 'streamwell/state'
import { foldRecords } from '../../src/state/db/row-records.ts'
import { schemaName } from '../../src/state/schema-name.ts'
import { memoryPersistence } from '../../src/state/persistence/index.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { FAST, plain } from './chat.ts'
import { keptTexts } from './kept-chat.ts'
import { mortalVisit } from './mortal-persistence.ts'
import { stateEvents } from './state-events.ts'

afterEach(() => vi.unstubAllGlobals())

const row = z.object({ id: z.string(), n: z.number() })
const schema = createStateSchema({
  users: { schema: row, type: 'user', primaryKey: 'id' },
  rooms: { schema: row, type: 'room', primaryKey: 'id' },
})
const TYPES = ['user', 'room', 'foreign']

type Rows = Record<string, [string, unknown][]>

function sorted(entries: Iterable<[string, unknown]>): [string, unknown][] {
  return [...entries].toSorted(([one], [two]) => (one < two ? -1 : 1))
}

/** Events of which some name a version that their row may have, and some belong together. */
function events(): fc.Arbitrary<StateEvent[]> {
  const base = fc.option(fc.constantFrom('1', '2', '3', '5', '8'), { nil: undefined, freq: 3 })
  const event = fc.tuple(stateEvents(TYPES), base, fc.boolean()).map(([event, base, isTied]) => {
    if ('control' in event.headers) return event
    const headers = { ...event.headers, ...(base && { base }), ...(isTied && { txid: 'txid' }) }
    return { ...event, headers } as StateEvent
  })
  return fc.array(event, { minLength: 1, maxLength: 6 })
}

/** What happens while a page is open, and how it ends. */
const visit = fc.record({
  away: fc.array(events(), { maxLength: 2 }),
  live: fc.array(fc.option(events()), { maxLength: 4 }),
  writes: fc.constantFrom(0, 1, 2, 3, Infinity, Infinity, Infinity),
  isClosed: fc.boolean(),
})

it('a page that ends at any moment leaves rows of one offset, and the next goes on from there', async () => {
  const page = new EventTarget()
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
  const { url: root } = await startServer()
  let run = 0
  let resumed = 0

  await fc.assert(
    fc.asyncProperty(fc.array(visit, { minLength: 2, maxLength: 4 }), async (visits) => {
      const url = `${root}/log-${run++}`
      const stream = await DurableStream.create<StateEvent>({
        url,
        contentType: 'application/json',
      })
      const storage = memoryPersistence()
      const model = new MaterializedState()
      const rowsOfModel = (): Rows =>
        Object.fromEntries(TYPES.map((type) => [type, sorted(model.getType(type))]))
      const history = new Map<string, Rows>([[(await stream.head()).offset, rowsOfModel()]])
      let appends = 0
      async function append(batch: readonly StateEvent[]): Promise<string> {
        const txid = `txid ${appends++}`
        const own = batch.map(
          (event) =>
            JSON.parse(
              JSON.stringify(event).replaceAll('"txid":"txid"', `"txid":"${txid}"`),
            ) as StateEvent,
        )
        model.applyBatch(own)
        const { offset } = await stream.appendAll(own)
        history.set(offset, rowsOfModel())
        return offset
      }

      for (const { away, live, writes, isClosed } of visits) {
        for (const batch of away) await append(batch)
        const { persistence, die } = mortalVisit(storage, writes)
        const offsets: string[] = []
        const db = createStreamDB({
          streamOptions: {
            url,
            backoff: FAST,
            fetch: (input, init) => {
              offsets.push(new URL(String(input)).searchParams.get('offset')!)
              return fetch(input, init)
            },
          },
          state: schema,
          persistence,
          onPersistenceError: (error) => expect(error).toBeUndefined(),
        })
        try {
          await db.preload()
          if (offsets[0] !== '-1') resumed += 1
          let { offset } = await stream.head()
          for (const batch of live) {
            if (batch) offset = await append(batch)
            else page.dispatchEvent(new Event('pagehide'))
            await eventually(() => expect(db.offset).toBe(offset))
          }
          const { users, rooms } = db.collections
          const shown = {
            user: sorted([...users.entries()].map(([key, value]) => [key, plain(value)])),
            room: sorted([...rooms.entries()].map(([key, value]) => [key, plain(value)])),
          }
          expect(shown).toEqual({ user: rowsOfModel()['user'], room: rowsOfModel()['room'] })
        } finally {
          if (!isClosed) die()
          db.close()
        }
        await new Promise((resolve) => setTimeout(resolve))
        die()

        const texts = await keptTexts(url, storage)
        const folding = foldRecords(texts, schemaName(schema, undefined))
        let step = folding.next()
        while (!step.done) step = folding.next()
        expect(step.value === undefined).toBe(texts.length === 0)
        if (!step.value) continue
        const { rows, point } = step.value
        const known = history.get(point.offset)!
        for (const type of ['user', 'room']) {
          const kept = [...(rows.get(type) ?? [])].map(([key, value]): [string, unknown] => [
            key,
            'input' in value ? value.input : undefined,
          ])
          expect(sorted(kept)).toEqual(known[type])
        }
      }
    }),
    { numRuns: 60 },
  )
  expect(resumed).toBeGreaterThan(30)
}, 120_000)
