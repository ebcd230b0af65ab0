import { connect, type Connection } from '../../harness/connection.ts'
import { writeRequest } from '../../server/load/request.ts'
import { sharedClockUs } from './clock.ts'
import { encodeUpdate, pathOf } from './update.ts'

/** Writes to many streams, each at the same pace, evenly spread. */
export interface UpdateWriter {
  /** So many updates of each stream, one after the other, `everyMs` from one to the next. */
  write(updates: number, everyMs: number): Promise<void>
}

const MOST_CONNECTIONS = 32

/** Makes the streams `updates/0`, `updates/1`, … below `url`, and writes to them from then on. */
export async function createUpdateWriter(url: string, streams: number): Promise<UpdateWriter> {
  const urls = Array.from({ length: streams }, (_, stream) => `${url}/${pathOf(stream)}`)
  await inLanes(async (lane) => {
    for (let stream = lane.first; stream < streams; stream += lane.step) {
      await ask(lane.connection, 'PUT', urls[stream]!)
    }
  })
  let written = 0

  return {
    async write(updates, everyMs) {
      const began = performance.now()
      const first = written
      written += updates
      await inLanes(async (lane) => {
        for (let sequence = first; sequence < written; sequence++) {
          for (let stream = lane.first; stream < streams; stream += lane.step) {
            const dueUs = await until(began + (sequence - first + stream / streams) * everyMs)
            const update = encodeUpdate({ stream, sequence }, dueUs)
            await ask(lane.connection, 'POST', urls[stream]!, update)
          }
        }
      })
    },
  }

  /** Every so many streams share a connection, so that the updates of each go out in order. */
  async function inLanes(work: (lane: Lane) => Promise<void>): Promise<void> {
    const step = Math.min(streams, MOST_CONNECTIONS)
    await Promise.all(
      Array.from({ length: step }, async (_, first) => {
        // Not kept in between: a server may close what was idle for seconds.
        const connection = await connect(url)
        await work({ connection, first, step })
        connection.close()
      }),
    )
  }
}

interface Lane {
  connection: Connection
  /** The first stream, and how many streams further on the next one is. */
  first: number
  step: number
}

async function ask(
  connection: Connection,
  method: 'PUT' | 'POST',
  url: string,
  body?: Uint8Array,
): Promise<void> {
  const { status } = await connection.ask(writeRequest(method, url, body))
  if (status >= 300) throw new Error(`${method} ${url} was answered with ${status}`)
}

/**
 * Waits for `time`.
 *
 * @returns when it was, on the shared clock: earlier than now if an answer that took long made the
 *   next append late, since that waiting counts.
 */
async function until(time: number): Promise<number> {
  const leftMs = time - performance.now()
  if (leftMs <= 0) return sharedClockUs() + Math.round(leftMs * 1000)
  await new Promise((resolve) => setTimeout(resolve, leftMs))
  return sharedClockUs()
}
