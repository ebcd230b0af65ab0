import type { ServerResponse } from 'node:http'
import { HEADER, SSE_CONTENT_TYPE } from '../../src/core/protocol.ts'
import { framingOf } from '../operations/content-type.ts'
import { nextCursor } from '../operations/cursor.ts'
import { markUsed, readPage } from '../operations/read.ts'
import { createAlarm } from './alarm.ts'
import { keepAlive } from './keep-alive.ts'
import { failedReadAnswer } from './respond.ts'
import type { Answer } from './answer.ts'
import type { House } from './house.ts'
import type { Read } from './parse-read.ts'
import type { StreamRecord } from '../storage/storage.ts'

/**
 * Follows the stream over one response, until the stream closes or goes away, the connection has
 * lived long enough, or the server stops. Protocol section 5, SSE.
 *
 * @returns an answer to write instead, if there is nothing to follow.
 */
export async function serveEvents(
  house: House,
  path: string,
  read: Read,
  res: ServerResponse,
  common: Readonly<Record<string, string>>,
): Promise<Answer | undefined> {
  const { storage, now } = house
  const outcome = await readPage(storage, path, read.start, 1, now())
  if (outcome.kind !== 'page') return failedReadAnswer(outcome)
  const { record, start } = outcome.page
  await markUsed(storage, path, record, now())
  if (res.destroyed) return undefined
  res.writeHead(200, { ...common, ...eventHeaders(record) })
  const release = keepAlive(house, path, record)
  try {
    await writeFrames(house, path, record, start, read.cursor, res)
  } finally {
    release()
  }
  return undefined
}

async function writeFrames(
  house: House,
  path: string,
  record: StreamRecord,
  start: number,
  knownCursor: string | undefined,
  res: ServerResponse,
): Promise<void> {
  const { hub, now, random } = house
  const cursor = nextCursor(knownCursor, now(), random)
  const alarm = createAlarm()
  let changed = true
  const seat = hub.join(path, () => {
    changed = true
    alarm.ring()
  })
  let outlived = false
  const timer = setTimeout(() => {
    outlived = true
    alarm.ring()
  }, house.sseLifetimeMs)
  res.on('drain', alarm.ring).on('close', alarm.ring)
  let position = start
  let told = false
  try {
    while (!res.destroyed && !hub.closed && !outlived) {
      // Who does not drain gets nothing queued: the next frame is read from storage when they do.
      if (!changed || res.writableNeedDrain) {
        await alarm.wait()
        continue
      }
      changed = false
      const outcome = await seat.frame(position, cursor)
      if (outcome.kind !== 'frame' || outcome.streamId !== record.id) break
      const { frame } = outcome
      if (frame.hasData || frame.closed || !told) res.write(frame.bytes)
      told = true
      position = frame.next
      if (frame.closed) break
      if (!frame.upToDate) changed = true
    }
  } finally {
    clearTimeout(timer)
    seat.leave()
    finish(res)
  }
}

/** Ends the response; a socket that takes nothing more is not waited for. */
function finish(res: ServerResponse): void {
  if (res.writableNeedDrain) res.destroy()
  else res.end()
}

function eventHeaders({ contentType }: StreamRecord): Record<string, string> {
  return {
    'content-type': SSE_CONTENT_TYPE,
    'cache-control': 'no-cache',
    // Proxies such as nginx must not collect what is meant to arrive at once.
    'x-accel-buffering': 'no',
    ...(framingOf(contentType) === 'binary' && { [HEADER.sseEncoding]: 'base64' }),
  }
}
