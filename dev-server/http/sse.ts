import { framingOf } from '../operations/content-type.ts'
import { nextCursor } from '../operations/cursor.ts'
import { Alarm } from './alarm.ts'
import { keepAlive } from './keep-alive.ts'
import { announceMultiplex } from './multiplex-reference.ts'
import { failedReadAnswer } from './respond.ts'
import type { Answer } from './answer.ts'
import type { House } from './house.ts'
import type { LiveResponse } from './live-response.ts'
import type { Read } from './parse-read.ts'
import { encodeFrame, type Frame } from './sse-frame.ts'
import { encodingHeaders, SSE_HEADERS } from './sse-headers.ts'
import type { Page, ReadOutcome } from '../operations/read.ts'
import type { Streams } from '../operations/streams.ts'

const FRAME_MAX_BYTES = 128 * 1024

/** Enough to see that the position is one to read from. */
const GLANCE_BYTES = 1024

/**
 * Follows the stream over one response, until the stream closes or goes away, the connection has
 * lived long enough, or the server stops. Protocol section 5, SSE.
 */
export async function serveEvents(house: House, path: string, read: Read): Promise<Answer> {
  const { streams, now, random, onError } = house
  const outcome = await streams.page(path, read.start, GLANCE_BYTES)
  if (outcome.kind !== 'page') return failedReadAnswer(outcome, path)
  const { page } = outcome
  await streams.touch(path, page.record)

  const cursor = nextCursor(read.cursor, now(), random)
  return {
    status: 200,
    headers: { ...SSE_HEADERS, ...encodingHeaders(page.record), ...announceMultiplex(path) },
    async body(response) {
      const release = keepAlive(house, path, page.record)
      await writeFrames(house, path, page, cursor, response).catch(onError)
      release()
    },
  }
}

async function writeFrames(
  { hub, streams, sseLifetimeMs, pause }: House,
  path: string,
  { record, start }: Page,
  cursor: string,
  response: LiveResponse,
): Promise<void> {
  const alarm = new Alarm()
  response.onChange(alarm.ring)
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
  let closed = false
  try {
    // The last frame is given time to arrive.
    while (!response.gone && !hub.closed && !outlived && (!closed || response.full)) {
      // Who does not drain gets nothing queued: the next frame is read from storage when they do.
      if (!changed || response.full) {
        await alarm.wait()
        continue
      }
      changed = false
      const from = position
      const outcome = await seat.share(`frame ${from} ${cursor}`, () =>
        readFrame(streams, path, from, cursor),
      )
      if (outcome.kind !== 'frame' || outcome.streamId !== record.id) return
      const { frame } = outcome
      if (frame.hasData || frame.closed || !greeted) response.write(frame.bytes)
      closed = frame.closed
      greeted = true
      position = frame.next
      if (frame.upToDate) continue
      changed = true
      // A reader as fast as we are would keep everybody else waiting.
      await pause()
    }
  } finally {
    clearTimeout(timer)
    seat.leave()
  }
}

type FrameOutcome =
  | { kind: 'frame'; frame: Frame; streamId: string }
  | Exclude<ReadOutcome, { kind: 'page' }>

async function readFrame(
  streams: Streams,
  path: string,
  start: number,
  cursor: string,
): Promise<FrameOutcome> {
  const outcome = await streams.page(path, start, FRAME_MAX_BYTES)
  if (outcome.kind !== 'page') return outcome
  const { record } = outcome.page
  const frame = encodeFrame(outcome.page, framingOf(record.contentType), cursor)
  return { kind: 'frame', frame, streamId: record.id }
}
