import { onTestFinished } from 'vitest'
import { z } from 'zod'
import type { DurableStream } from 'streamwell'
import {
  type ChangeEvent,
  createStateSchema,
  createStreamDB,
  type StateSchema,
  type StreamDB,
} from 'streamwell/state'
import { startServer } from '../support/server.ts'
import { FAST, plain, someoneElse } from './chat.ts'

type Counter = z.ZodObject<{
  id: z.ZodString
  n: z.ZodNumber
  note: z.ZodOptional<z.ZodString>
}>
type Definition = { counters: { schema: Counter; type: string; primaryKey: 'id' } }

/** The collection that these tests are about. */
export const schema: StateSchema<Definition> = createStateSchema<Definition>({
  counters: {
    schema: z.object({ id: z.string(), n: z.number(), note: z.string().optional() }),
    type: 'counter',
    primaryKey: 'id',
  },
})

/** A database on counters, and short ways to look at them. */
export interface Counters {
  db: StreamDB<Definition>
  counters: StreamDB<Definition>['collections']['counters']
  row: (key?: string) => Record<string, unknown> | undefined
  n: (key?: string) => number | undefined
  /** @returns when it has applied. */
  add: (n?: number, key?: string) => Promise<unknown>
}

/** Closed when the test ends. */
export function openCounters(url: string, given?: typeof fetch): Counters {
  const streamOptions = { url, backoff: FAST, ...(given && { fetch: given }) }
  const db = createStreamDB<Definition>({ streamOptions, state: schema })
  onTestFinished(() => db.close())
  const { counters } = db.collections
  return {
    db,
    counters,
    row: (key = 'a') => plain(counters.get(key)),
    n: (key = 'a') => counters.get(key)?.n,
    add: (n = 1, key = 'a') =>
      counters.update(key, (counter) => void (counter.n += n)).isPersisted.promise,
  }
}

export const put = (n: number, id = 'a', note?: string): ChangeEvent =>
  schema.counters.upsert({ value: { id, n, note } })

/** The address of counters that someone else has made, and a handle to write to them as them. */
export async function startCounters(
  ...events: ChangeEvent[]
): Promise<{ url: string; other: DurableStream }> {
  const { url: root } = await startServer()
  const url = `${root}/counters`
  const other = await someoneElse(url)
  await other.appendAll(events.length > 0 ? events : [put(0)])
  return { url, other }
}
