import { createByteLog, type ByteLog } from './byte-log.ts'
import type { Change, ProducerState, Storage, StreamRecord } from './storage.ts'

interface Entry {
  record: StreamRecord
  log: ByteLog
  producers: Map<string, ProducerState>
}

/** Keeps streams in this process. Nothing survives its end. */
export function memoryStorage(): Storage {
  const entries = new Map<string, Entry>()
  const watchers = new Map<string, Set<() => void>>()
  let closed = false

  return {
    async update(path, decide, producerId) {
      assertOpen()
      const entry = entries.get(path)
      const producer = producerId === undefined ? undefined : entry?.producers.get(producerId)
      const { outcome, change } = decide(entry?.record, producer)
      if (change) {
        const wasClosed = entry?.record.closed
        commit(path, entry, change, producerId)
        if (isNoticeable(change, wasClosed)) notify(path)
      }
      return outcome
    },

    async read(path, start, maxBytes) {
      assertOpen()
      const entry = entries.get(path)
      return entry && { record: entry.record, bytes: entry.log.read(start, maxBytes) }
    },

    async list(after, limit) {
      assertOpen()
      const paths = [...entries.keys()].filter((path) => path > after).sort()
      return paths.slice(0, limit).map((path) => ({ path, record: entries.get(path)!.record }))
    },

    watch(path, listener) {
      assertOpen()
      const listeners = watchers.get(path) ?? new Set()
      watchers.set(path, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && watchers.get(path) === listeners) watchers.delete(path)
      }
    },

    async close() {
      closed = true
      entries.clear()
      watchers.clear()
    },
  }

  function commit(path: string, entry: Entry | undefined, change: Change, producerId?: string) {
    if (change.kind === 'delete') {
      entries.delete(path)
      return
    }
    if (change.kind === 'create' || !entry) {
      entry = { record: change.record, log: createByteLog(), producers: new Map() }
      entries.set(path, entry)
    }
    entry.record = change.record
    if (change.append) entry.log.append(change.append)
    if (change.kind === 'update' && change.producer && producerId !== undefined) {
      entry.producers.set(producerId, change.producer)
    }
  }

  function notify(path: string): void {
    for (const listener of [...(watchers.get(path) ?? [])]) listener()
  }

  function assertOpen(): void {
    if (closed) throw new Error('The memory storage is closed')
  }
}

/** A stream that only slid its expiry is no news to its readers. */
function isNoticeable(change: Change, wasClosed: boolean | undefined): boolean {
  return change.kind !== 'update' || !!change.append || change.record.closed !== wasClosed
}
