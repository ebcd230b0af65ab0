import { HEADER } from '../../src/core/protocol.ts'
import { nextCursor } from '../operations/cursor.ts'
import { Alarm } from './alarm.ts'
import { PAGE_MAX_BYTES } from './catch-up.ts'
import { keepAlive } from './keep-alive.ts'
import { pageAnswer, positionHeaders, tailAnswer } from './page-answer.ts'
import { failedReadAnswer, notFound } from './respond.ts'
import type { Answer } from './answer.ts'
import type { Exchange } from './exchange.ts'
import type { House } from './house.ts'
import type { Seat } from './hub.ts'
import type { Read } from './parse-read.ts'
import type { Page } from '../operations/read.ts'
import type { StreamRecord } from '../storage/storage.ts'

/**
 * Answers as soon as there is something past the offset, or says that there was nothing. There may be
 * very many who wait: each holds as little as can be.
 */
export async function longPoll(
  house: House,
  path: string,
  read: Read,
  exchange: Exchange,
): Promise<Answer> {
  let outcome = await house.streams.page(path, read.start, PAGE_MAX_BYTES)
  if (outcome.kind !== 'page') return failedReadAnswer(outcome, path)
  await house.streams.touch(path, outcome.page.record)
  if (!mustWait(outcome.page)) return pollAnswer(house, read, outcome.page)

  const { id } = outcome.page.record
  const { next } = outcome.page
  const wait = new Wait(house, path, outcome.page.record, exchange)
  try {
    while (!wait.over && mustWait(outcome.page)) {
      await wait.forNews()
      outcome = await house.streams.page(path, next, PAGE_MAX_BYTES)
      // What could be read before fails only if the stream went away, or another took its place.
      if (outcome.kind !== 'page') return failedReadAnswer(outcome, path)
      if (outcome.page.record.id !== id) return notFound(path)
    }
    return pollAnswer(house, read, outcome.page)
  } finally {
    wait.end()
  }
}

/** One caller's wait, until there may be something new or it is over. */
class Wait {
  readonly #house: House
  readonly #exchange: Exchange
  readonly #alarm = new Alarm()
  readonly #seat: Seat
  readonly #release: () => void
  readonly #timer: ReturnType<typeof setTimeout>
  #timedOut = false

  constructor(house: House, path: string, record: StreamRecord, exchange: Exchange) {
    this.#house = house
    this.#exchange = exchange
    exchange.onGone(this.#alarm.ring)
    this.#seat = house.hub.join(path, this.#alarm.ring)
    this.#release = keepAlive(house, path, record)
    this.#timer = setTimeout(() => this.#timeOut(), house.longPollTimeoutMs)
    // Something may have come between the first look and the joining.
    this.#alarm.ring()
  }

  forNews(): Promise<void> {
    return this.#alarm.wait()
  }

  /** Whether the time is up, the caller is gone, or the server stops. */
  get over(): boolean {
    return this.#timedOut || this.#exchange.gone || this.#house.hub.closed
  }

  end(): void {
    clearTimeout(this.#timer)
    this.#release()
    this.#seat.leave()
  }

  #timeOut(): void {
    this.#timedOut = true
    this.#alarm.ring()
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
