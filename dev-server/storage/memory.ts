import { createByteLog, type ByteLog } from './byte-log.ts'
import { createSortedPaths } from './sorted-paths.ts'
import { createWatchers } from './watchers.ts'
import type { Change, ProducerState, Storage, StreamRecord } from './storage.ts'

interface Entry {
  record: StreamRecord
  log: ByteLog
  producers: Map<string, ProducerState> | undefined
}

const NO_OTHERS: readonly undefined[] = []

/** Keeps streams in this process. Nothing survives its end. */
export function memoryStorage(): Storage {
  const entries = new Map<string, Entry>()
  const watchers = createWatchers()
  const sortedPaths = createSortedPaths()
  let closed = false

  return {
    async update(path, decide, scope) {
      assertOpen()
      const entry = entries.get(path)
      const { producer: producerId, others: otherPaths } = scope ?? {}
      const producer = producerId === undefined ? undefined : entry?.producers?.get(producerId)
      const others = otherPaths?.map((other) => entries.get(other)?.record) ?? NO_OTHERS
      const { outcome, change, otherChanges } = decide(entry?.record, producer, others)
      // All are committed before anybody is told.
      const noticed = change && commit(path, change, producerId) ? [path] : []
      otherChanges?.forEach((other, i) => {
        const otherPath = otherPaths![i]!
        if (other && commit(otherPath, other)) noticed.push(otherPath)
      })
      for (const one of noticed) watchers.notify(one)
      return outcome
    },

    async read(path, start, maxBytes) {
      assertOpen()
      const entry = entries.get(path)
      return entry && { record: entry.record, bytes: ownBytes(entry, start, maxBytes) }
    },

    async list(after, limit) {
      assertOpen()
      const paths = sortedPaths.after(after, limit)
      return paths.map((path) => ({ path, record: entries.get(path)!.record }))
    },

    watch(path, listener) {
      assertOpen()
      return watchers.watch(path, listener)
    },

    async close() {
      closed = true
      entries.clear()
      watchers.clear()
    },
  }

  /** @returns whether readers can notice the change. */
  function commit(path: string, change: Change, producerId?: string): boolean {
    if (change.kind === 'delete') {
      sortedPaths.remove(path)
      return entries.delete(path)
    }
    const known = change.kind === 'create' ? undefined : entries.get(path)
    const entry = known ?? openEntry(path, change.record)
    const before = known?.record
    entry.record = change.record
    if (change.append) entry.log.append(change.append)
    if (change.kind === 'update' && change.producer && producerId !== undefined) {
      entry.producers ??= new Map()
      entry.producers.set(producerId, change.producer)
    }
    return !before || !!change.append || differs(before, change.record)
  }

  function openEntry(path: string, record: StreamRecord): Entry {
    const entry: Entry = { record, log: createByteLog(), producers: undefined }
    if (!entries.has(path)) sortedPaths.add(path)
    entries.set(path, entry)
    return entry
  }

  function assertOpen(): void {
    if (closed) throw new Error('The memory storage is closed')
  }
}

function ownBytes({ record, log }: Entry, start: number, maxBytes: number): Uint8Array[] {
  const first = record.fork?.at ?? 0
  return start < first ? [] : log.read(start - first, maxBytes)
}

/** A stream that only slid its expiry is no news to its readers. */
function differs(before: StreamRecord, after: StreamRecord): boolean {
  return after.closed !== before.closed || after.softDeleted !== before.softDeleted
}
