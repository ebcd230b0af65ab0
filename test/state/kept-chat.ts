import { onTestFinished } from 'vitest'
import { DurableStream } from 'streamwell'
import type { StreamDB } from 'streamwell/state'
import { journalName } from '../../src/state/db/row-journal-name.ts'
import { filePersistence } from '../../src/state/persistence/file/index.ts'
import {
  indexedDBPersistence,
  memoryPersistence,
  type Persistence,
} from '../../src/state/persistence/index.ts'
import { installIndexedDB } from '../support/fake-indexed-db.ts'
import { createFolder } from '../support/folder.ts'

/** What IndexedDB told of in the test that is run. */
export const degraded: Error[] = []

/** Every driver, each with a storage that nobody has used. A call of what it gives is a visit. */
export const DRIVERS: readonly { name: string; start: () => Promise<() => Persistence> }[] = [
  {
    name: 'memory',
    start: async () => {
      const persistence = memoryPersistence()
      return () => persistence
    },
  },
  {
    name: 'IndexedDB',
    start: async () => {
      installIndexedDB()
      degraded.length = 0
      return () => indexedDBPersistence({ onDegrade: (error) => degraded.push(error) })
    },
  },
  {
    name: 'files',
    start: async () => {
      const { path, remove } = await createFolder()
      onTestFinished(remove)
      return () => filePersistence({ folder: path })
    },
  },
]

/** Closes a database and waits until it has written: it lets go of its journal then. */
export async function leave(
  db: Pick<StreamDB, 'close' | 'stream'>,
  persistence: Persistence,
): Promise<void> {
  db.close()
  await untilWritten(db.stream.url, persistence)
}

/** Waits until nobody is writing what is kept of a stream. */
export async function untilWritten(url: string, persistence: Persistence): Promise<void> {
  const release = await persistence.lock(journalName(url), { wait: true })
  release!()
}

/** What is kept of a stream. */
export async function keptTexts(url: string, persistence: Persistence): Promise<readonly string[]> {
  return (await persistence.open(journalName(url))).read()
}

/** A stream whose server never answers. */
export function silent(url: string): DurableStream {
  return new DurableStream({ url, fetch: () => new Promise(() => {}) })
}

/** A fetch that counts what is read: from which offsets, and how much came. */
export function countingFetch(): { fetch: typeof fetch; offsets: string[]; bytes: number } {
  const counting = {
    offsets: [] as string[],
    bytes: 0,
    fetch: (async (input, init) => {
      const response = await fetch(input, init)
      if ((init?.method ?? 'GET') !== 'GET') return response
      counting.offsets.push(new URL(String(input)).searchParams.get('offset') ?? '')
      const count = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          counting.bytes += chunk.length
          controller.enqueue(chunk)
        },
      })
      return new Response(response.body?.pipeThrough(count) ?? null, response)
    }) as typeof fetch,
  }
  return counting
}
