import { z } from 'zod'

// Streams of state events, told by their paths so that who reads one knows what must be in it:
//
// /inserts/<rows>/<order>    rows that come once each, their keys `ordered` or `random`
// /updates/<events>/<rows>   each row again and again
// /actions/<events>          actions of one reducer

/** About 100 bytes of JSON. */
export interface User {
  id: string
  name: string
  email: string
  age: number
  active: boolean
}

export const USER_SCHEMA: z.ZodType<User, User> = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  age: z.number(),
  active: z.boolean(),
})

export const USERS: { schema: typeof USER_SCHEMA; type: 'user'; primaryKey: 'id' } = {
  schema: USER_SCHEMA,
  type: 'user',
  primaryKey: 'id',
}

export type KeyOrder = 'ordered' | 'random'

/** A key as databases count them, or in no order, as of random ids. */
export function keyAt(number: number, order: KeyOrder): string {
  const digits = String(number).padStart(12, '0')
  if (order === 'ordered') return `00000000-0000-4000-8000-${digits}`
  // The multiplication by an odd number leaves all that differ different.
  const scattered = (Math.imul(number + 1, 2_654_435_761) >>> 0).toString(16).padStart(8, '0')
  return `${scattered}-0000-4000-8000-${digits}`
}

export function userAt(number: number, id: string): User {
  const name = `User ${number}`
  return { id, name, email: `user-${number}@example.com`, age: number, active: number % 2 === 0 }
}

/** Event number `number` of the stream at `path`. */
export function eventAt(path: string, number: number): unknown {
  const [, kind, , second] = path.split('/')
  if (kind === 'actions') {
    const txid = keyAt(number, 'random')
    const headers = { operation: 'insert', txid }
    return { type: 'action', key: txid, value: { add: number % 10 }, headers }
  }
  const isInsert = kind === 'inserts'
  const key = isInsert
    ? keyAt(number, second as KeyOrder)
    : keyAt(number % Number(second), 'ordered')
  const headers = { operation: isInsert ? 'insert' : 'update' }
  return { type: 'user', key, value: userAt(number, key), headers }
}

export function eventsIn(path: string): number {
  return Number(path.split('/')[2])
}

/** Rows by key, however they are held. */
export interface Rows {
  readonly size: number
  get: (key: string) => unknown
}

/** @throws unless `rows` are those that the stream at `path` adds up to. */
export function verifyRows(path: string, rows: Rows): void {
  const [, kind, first, second] = path.split('/')
  const [events, size] = [Number(first), Number(kind === 'inserts' ? first : second)]
  if (rows.size !== size) throw new Error(`${rows.size} rows are there, not ${size}`)
  for (let number = events - size; number < events; number++) {
    const { value } = eventAt(path, number) as { value: User }
    const row = rows.get(value.id) as User | undefined
    if (row?.age === value.age && row.email === value.email && row.active === value.active) continue
    throw new Error(`Row ${value.id} is ${JSON.stringify(row)}`)
  }
}
