import { createCollection, type SyncConfig } from '@tanstack/db'
import type { User } from '../data.ts'
import type { Loaded, Subject } from '../subject.ts'

// The least code that does the same: `fetch`, `JSON.parse`, one commit, or a `Map`.

interface Event {
  key: string
  value: User
}

type Port = Parameters<SyncConfig<User, string>['sync']>[0]

export const limit: Subject = {
  async preload(url) {
    const events: Event[] = []
    for await (const page of pagesOf<Event>(url)) for (const event of page) events.push(event)
    const began = performance.now()
    let port!: Port
    const collection = createCollection<User, string>({
      id: 'users',
      getKey: ({ id }) => id,
      startSync: true,
      sync: { rowUpdateMode: 'full', sync: (params) => void (port = params) },
    })
    port.begin()
    for (const { value } of events) port.write({ type: 'insert', value })
    port.commit()
    port.markReady()
    return { rows: collection, floorMs: performance.now() - began, close: () => undefined }
  },

  async fold(url): Promise<Loaded> {
    const rows = new Map<string, User>()
    for await (const page of pagesOf<Event>(url)) {
      for (const { key, value } of page) rows.set(key, value)
    }
    return { rows, close: () => undefined }
  },

  watch() {
    throw new Error('There is no least code for this')
  },
}

/** All that a stream holds, page by page. */
export async function* pagesOf<Item>(url: string): AsyncGenerator<Item[]> {
  let offset = '-1'
  for (let upToDate = false; !upToDate; ) {
    const response = await fetch(`${url}?offset=${offset}`)
    upToDate = response.headers.has('stream-up-to-date')
    offset = response.headers.get('stream-next-offset')!
    yield JSON.parse(await response.text()) as Item[]
  }
}
