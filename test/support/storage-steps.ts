import type {
  Change,
  Storage,
  StreamRecord,
  UpdateScope,
} from '../../dev-server/storage/storage.ts'

/** Small moves on a storage, for the laws of storages. */

export const text: TextEncoder = new TextEncoder()

export const record: StreamRecord = {
  id: 'first',
  contentType: 'text/plain',
  tail: 0,
  closed: false,
  expiry: { kind: 'never' },
}

/** Commits a change whatever is there. */
export function commit(
  storage: Storage,
  path: string,
  change: Change,
  producerId?: string,
): Promise<undefined> {
  return storage.update(path, () => ({ outcome: undefined, change }), scopeOf(producerId))
}

/** @returns the tail that the append found. */
export function append(storage: Storage, path: string, data: string | Uint8Array): Promise<number> {
  const bytes = typeof data === 'string' ? text.encode(data) : data
  return storage.update(path, (found) => ({
    outcome: found!.tail,
    change: { kind: 'update', record: grown(found!, bytes), append: bytes },
  }))
}

export function grown(found: StreamRecord, bytes: Uint8Array): StreamRecord {
  return { ...found, tail: found.tail + bytes.length }
}

export async function contents(storage: Storage, path: string): Promise<string> {
  return join((await storage.read(path, 0, 1_000_000))!.bytes)
}

/** The record at a path as an update sees it. */
export function recordOf(storage: Storage, path: string): Promise<StreamRecord | undefined> {
  return storage.update(path, (found) => ({ outcome: found }))
}

export function producerOf(storage: Storage, path: string, id: string): Promise<unknown> {
  return storage.update(path, (_found, producer) => ({ outcome: producer }), { producer: id })
}

export function join(bytes: readonly Uint8Array[]): string {
  return Buffer.concat(bytes).toString()
}

function scopeOf(producer: string | undefined): UpdateScope | undefined {
  return producer === undefined ? undefined : { producer }
}
