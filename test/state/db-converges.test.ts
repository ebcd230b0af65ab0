import fc from 'fast-check'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { DurableStream } from 'streamwell'
import {
  createStateSchema,
  createStreamDB,
  MaterializedState,
  type StateEvent,
} from 'streamwell/state'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { FAST, plain } from './chat.ts'
import { stateEvents } from './state-events.ts'

const row = z.object({ id: z.string(), n: z.number() })
const schema = createStateSchema({
  users: { schema: row, type: 'user', primaryKey: 'id' },
  rooms: { schema: row, type: 'room', primaryKey: 'id' },
})

/** Every row of every type, in one order for all. */
function picture(rowsOfType: (type: string) => Iterable<[string, unknown]>): unknown {
  return ['user', 'room'].map((type) =>
    [...rowsOfType(type)]
      .map(([key, value]) => [key, plain(value as object)] as const)
      .toSorted(([one], [two]) => (one < two ? -1 : 1)),
  )
}

it('readers of one log, early, late or live, all show what the log adds up to', async () => {
  const { url: root } = await startServer()
  let run = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(stateEvents(), { minLength: 1, maxLength: 12 }), { maxLength: 8 }),
      async (appends) => {
        const url = `${root}/log-${run++}`
        const log = await DurableStream.create<StateEvent>({ url, contentType: 'application/json' })
        const open = () => createStreamDB({ streamOptions: { url, backoff: FAST }, state: schema })
        const [early, late, interrupted] = [open(), open(), open()]
        try {
          await early.preload()
          for (const [i, events] of appends.entries()) {
            await log.appendAll(events)
            if (i === 2) await interrupted.preload()
          }
          await Promise.all([late.preload(), interrupted.preload()])

          const model = new MaterializedState()
          model.applyBatch(appends.flat())
          const expected = picture((type) => model.getType(type))
          const { offset } = await log.head()
          for (const db of [early, late, interrupted]) {
            await eventually(() => expect(db.offset).toBe(offset))
            const { users, rooms } = db.collections
            expect(picture((type) => (type === 'user' ? users : rooms).entries())).toEqual(expected)
          }
        } finally {
          for (const db of [early, late, interrupted]) db.close()
        }
      },
    ),
    { numRuns: 60 },
  )
}, 30_000)
