import { answerCalls } from '../harness/child.ts'
import { collectGarbage } from './load/garbage.ts'
import type { Plan } from './load/plan.ts'
import {
  type Connection,
  openRealClient,
  prepareRealClient,
  type RealClient,
} from './load/real-clients.ts'
import { openUpdateReaders, type UpdateReaders, type Way } from './load/update-readers.ts'
import { createUpdateWriter, type UpdateWriter } from './load/update-writer.ts'

// The load, in two processes that share nothing with the server, nor with one another, but the
// machine: one writes, the other reads.

export interface OpenReaders {
  way: Way | Connection
  url: string
  plan: Plan
  first: number
}

const isReal = (way: Way | Connection): way is Connection => way === 'page' || way === 'stream'

let writer: UpdateWriter
let readers: UpdateReaders | RealClient

// An end that lets a profile be written.
process.on('SIGTERM', () => process.exit())

answerCalls({
  /** Makes the streams. */
  async create({ url, streams }: { url: string; streams: number }): Promise<void> {
    writer = await createUpdateWriter(url, streams)
  },
  write: ({ updates, everyMs }: { updates: number; everyMs: number }): Promise<void> =>
    writer.write(updates, everyMs),

  prepare: async ({ way, url }: OpenReaders): Promise<void> => {
    if (isReal(way)) await prepareRealClient(way, url)
  },
  /** @returns milliseconds until all were live. */
  async open({ way, url, plan, first }: OpenReaders): Promise<number> {
    readers = isReal(way)
      ? await openRealClient(way, url, plan, first)
      : await openUpdateReaders(way, url, plan, first)
    return readers.liveMs
  },
  begin: (): void => readers.begin(),
  finish: ({ sequence, patienceMs }: { sequence: number; patienceMs: number }): Promise<object> =>
    readers.finish(sequence, patienceMs),
  collect: collectGarbage,
})
