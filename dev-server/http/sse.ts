import type { ServerResponse } from 'node:http'
import { HEADER, SSE_CONTENT_TYPE } from '../../src/core/protocol.ts'
import { framingOf } from '../operations/content-type.ts'
import { nextCursor } from '../operations/cursor.ts'
import { markUsed, readPage, type Page } from '../operations/read.ts'
import { createAlarm, type Alarm } from './alarm.ts'
import { keepAlive } from './keep-alive.ts'
import { liveResponse, type LiveResponse } from './live-response.ts'
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
  const { storage, now, random } = house
  const alarm = createAlarm()
  const response = liveResponse(res, alarm.ring)
  const outcome = await readPage(storage, path, read.start, 1, now())
  if (outcome.kind !== 'page') return failedReadAnswer(outcome, path)
  const { page } = outcome
  await markUsed(storage, path, page.record, now())
  if (response.gone) return undefined

  res.writeHead(200, { ...common, ...eventHeaders(page.record) })
  const release = keepAlive(house, path, page.record)
  try {
    const cursor = nextCursor(read.cursor, now(), random)
    await writeFrames(house, path, page, cursor, response, alarm)
  } finally {
    release()
    response.end()
  }
  return undefined
}

async function writeFrames(
  { hub, sseLifetimeMs }: House,
  path: string,
  { record, start }: Page,
  cursor: string,
  response: LiveResponse,
  alarm: Alarm,
): Promise<void> {
  let changed = true
  const seat = hub.join(path, () => {
    changed = true
    alarm.ring()
  })
  let outlived = false
  const timer = setTimeout(() => {
    outlived = true
    alarm.ring()
  }, sseLifetimeMs)

  let position = start
  let greeted = false
  try {
    while (!response.gone && !hub.closed && !outlived) {
      // Who does not drain gets nothing queued: the next frame is read from storage when they do.
      if (!changed || response.full) {
        await alarm.wait()
        continue
      }
      changed = false
      const outcome = await seat.frame(position, cursor)
      if (outcome.kind !== 'frame' || outcome.streamId !== record.id) return
      const { frame } = outcome
      if (frame.hasData || frame.closed || !greeted) response.write(frame.bytes)
      if (frame.closed) return
      greeted = true
      position = frame.next
      changed ||= !frame.upToDate
    }
  } finally {
    clearTimeout(timer)
    seat.leave()
  }
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
