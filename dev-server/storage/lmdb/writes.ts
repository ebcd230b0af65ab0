import type { Environment } from './environment.ts'

/** What a commit will do, gathered before LMDB is asked, so that its size is known by then. */
export interface Writes {
  readonly puts: { key: Buffer; value: Buffer }[]
  readonly removes: Uint8Array[]
  /** Sum of the lengths of the values. */
  bytes: number
  /** Whether the store holds more afterwards than before. */
  grows: boolean
}

export function noWrites(): Writes {
  return { puts: [], removes: [], bytes: 0, grows: false }
}

export function put(writes: Writes, key: Buffer, value: Buffer): void {
  writes.puts.push({ key, value })
  writes.bytes += value.length
}

/** Hands them to LMDB, which takes them as one transaction with what else the turn brings. */
export function hand({ data }: Environment, { puts, removes }: Writes): void {
  for (const { key, value } of puts) void data.put(key, value)
  for (const key of removes) void data.remove(key as Buffer)
}
