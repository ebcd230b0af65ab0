import type { ServerResponse } from 'node:http'
import { HEADER } from '../../src/core/protocol.ts'
import { nextCursor } from '../operations/cursor.ts'
import { markUsed, readPage, type Page } from '../operations/read.ts'
import { createAlarm } from './alarm.ts'
import { PAGE_MAX_BYTES } from './catch-up.ts'
import { keepAlive } from './keep-alive.ts'
import { liveResponse } from './live-response.ts'
import { pageAnswer, positionHeaders, tailAnswer } from './page-answer.ts'
import { failedReadAnswer, notFound } from './respond.ts'
import type { Answer } from './answer.ts'
import type { House } from './house.ts'
import type { Read } from './parse-read.ts'

/** Answers as soon as there is something past the offset, or says that there was nothing. */
export async function longPoll(
  house: House,
  path: string,
  read: Read,
  res: ServerResponse,
): Promise<Answer> {
  const { storage, hub, now } = house
  const alarm = createAlarm()
  const response = liveResponse(res, alarm.ring)
  const first = await readPage(storage, path, read.start, PAGE_MAX_BYTES, now())
  if (first.kind !== 'page') return failedReadAnswer(first, path)
  const { record } = first.page
  await markUsed(storage, path, record, now())
  if (!mustWait(first.page)) return pollAnswer(house, read, first.page)

  const seat = hub.join(path, alarm.ring)
  const release = keepAlive(house, path, record)
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    alarm.ring()
  }, house.longPollTimeoutMs)
  try {
    for (;;) {
      const outcome = await readPage(storage, path, first.page.next, PAGE_MAX_BYTES, now())
      // What could be read before fails only if the stream went away, or another took its place.
      if (outcome.kind !== 'page' || outcome.page.record.id !== record.id) return notFound(path)
      const { page } = outcome
      const over = hub.closed || response.gone || timedOut
      if (over || !mustWait(page)) return pollAnswer(house, read, page)
      await alarm.wait()
    }
  } finally {
    clearTimeout(timer)
    release()
    seat.leave()
  }
}

function mustWait({ bytes, closed }: Page): boolean {
  return bytes.length === 0 && !closed
}

function pollAnswer(house: House, { start, cursor }: Read, page: Page): Answer {
  const { now, random } = house
  const live = page.closed ? {} : { [HEADER.cursor]: nextCursor(cursor, now(), random) }
  if (page.bytes.length === 0) {
    return {
      status: 204,
      headers: { ...positionHeaders(page), ...live, 'cache-control': 'no-store' },
    }
  }
  const answer = start === 'now' ? tailAnswer(page) : pageAnswer(page, house.cacheControl)
  return { ...answer, headers: { ...answer.headers, ...live } }
}
