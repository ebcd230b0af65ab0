import { HEADER } from '../../src/core/protocol.ts'
import { nextCursor } from '../operations/cursor.ts'
import { createAlarm } from './alarm.ts'
import { PAGE_MAX_BYTES } from './catch-up.ts'
import { keepAlive } from './keep-alive.ts'
import { pageAnswer, positionHeaders, tailAnswer } from './page-answer.ts'
import { failedReadAnswer, notFound } from './respond.ts'
import type { Answer } from './answer.ts'
import type { Exchange } from './exchange.ts'
import type { House } from './house.ts'
import type { Read } from './parse-read.ts'
import type { Page } from '../operations/read.ts'

/** Answers as soon as there is something past the offset, or says that there was nothing. */
export async function longPoll(
  house: House,
  path: string,
  read: Read,
  exchange: Exchange,
): Promise<Answer> {
  const { streams } = house
  const first = await streams.page(path, read.start, PAGE_MAX_BYTES)
  if (first.kind !== 'page') return failedReadAnswer(first, path)
  await streams.touch(path, first.page.record)
  if (!mustWait(first.page)) return pollAnswer(house, read, first.page)
  return waitForMore(house, path, read, first.page, exchange)
}

async function waitForMore(
  house: House,
  path: string,
  read: Read,
  { record, next }: Page,
  exchange: Exchange,
): Promise<Answer> {
  const { streams, hub } = house
  const alarm = createAlarm()
  exchange.onGone(alarm.ring)
  const seat = hub.join(path, alarm.ring)
  const release = keepAlive(house, path, record)
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    alarm.ring()
  }, house.longPollTimeoutMs)
  try {
    for (;;) {
      const outcome = await streams.page(path, next, PAGE_MAX_BYTES)
      // What could be read before fails only if the stream went away, or another took its place.
      if (outcome.kind !== 'page') return failedReadAnswer(outcome, path)
      const { page } = outcome
      if (page.record.id !== record.id) return notFound(path)
      const over = hub.closed || exchange.gone || timedOut
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
