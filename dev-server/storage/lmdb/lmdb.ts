import { update } from './decisions.ts'
import { listStreams } from './list.ts'
import { openStore, type LmdbOptions, type OpenStore } from './open-store.ts'
import { readCommitted } from './stream.ts'
import { createWatchers } from '../watchers.ts'
import type { Storage } from '../storage.ts'

export type { LmdbOptions } from './open-store.ts'

/**
 * Keeps streams on disk, in LMDB. Whatever was answered is on disk: neither the end of the process
 * nor of the machine's power loses it. Needs the package `lmdb`. Opens at the first use, whose
 * promise rejects with what is wrong:
 *
 * @throws {StreamError} `invalid` if `lmdb` is missing, or the folder cannot be used; `unavailable` if
 *   another process uses it.
 */
export function lmdbStorage(options: LmdbOptions): Storage {
  const watchers = createWatchers()
  let opened: OpenStore | undefined
  let opening: Promise<OpenStore> | undefined
  let closing: Promise<void> | undefined

  return {
    async update(path, decide, scope) {
      assertOpen()
      return update(opened ?? (await ready()), path, decide, scope)
    },

    async read(path, start, maxBytes) {
      assertOpen()
      const { store, slots } = opened ?? (await ready())
      const stream = slots.find(path).committed
      const slice = stream && readCommitted(store, stream, start, maxBytes)
      slots.shrink()
      return slice
    },

    async list(after, limit) {
      assertOpen()
      return listStreams((opened ?? (await ready())).store, after, limit)
    },

    watch(path, listener) {
      assertOpen()
      return watchers.watch(path, listener)
    },

    close() {
      closing ??= close()
      return closing
    },
  }

  function ready(): Promise<OpenStore> {
    opening ??= openStore(options, watchers.notify).then(
      (done) => (opened = done),
      (error: unknown) => {
        // The way may be free at the next try.
        opening = undefined
        throw error
      },
    )
    return opening
  }

  async function close(): Promise<void> {
    watchers.clear()
    const at = await opening?.catch(() => undefined)
    if (!at) return
    await at.close()
  }

  function assertOpen(): void {
    if (closing) throw new Error('The LMDB storage is closed')
  }
}
