import { CURSOR } from '../../src/core/protocol.ts'
import { nextCursor } from '../operations/cursor.ts'
import { PAGE_MAX_BYTES } from './catch-up.ts'
import { failureAnswer } from './failure.ts'
import { keepAlive } from './keep-alive.ts'
import { pageAnswer, positionHeaders, tailAnswer } from './page-answer.ts'
import { failedReadAnswer, notFound } from './respond.ts'
import type { Answer, LaterAnswer } from './answer.ts'
import type { Exchange } from './exchange.ts'
import type { House } from './house.ts'
import type { Seat } from './hub.ts'
import type { Read } from './parse-read.ts'
import type { Page } from '../operations/read.ts'

/** Answers as soon as there is something past the offset, or says that there was nothing. */
export async function longPoll(
  house: House,
  path: string,
  read: Read,
  exchange: Exchange,
): Promise<Answer | LaterAnswer> {
  const poll = new Poll(house, path, read, exchange)
  const outcome = await poll.orLeave(house.streams.page(path, read.start, PAGE_MAX_BYTES))
  if (outcome.kind === 'page') {
    await poll.orLeave(house.streams.touch(path, outcome.page.record))
    if (mustWait(outcome.page)) return poll.waitPast(outcome.page)
  }
  poll.leave()
  if (outcome.kind !== 'page') return failedReadAnswer(outcome, path)
  return pollAnswer(house, path, read, outcome.page)
}

/** What there is to answer, and whether it is worth an end of the waiting. */
interface Look {
  answer: Answer
  isNews: boolean
  streamId: string | undefined
}

/** One caller who waits. It joins before it looks, so that nothing comes unnoticed in between. */
class Poll implements LaterAnswer {
  readonly #house: House
  readonly #path: string
  readonly #read: Read
  readonly #exchange: Exchange
  readonly #seat: Seat
  #next = 0
  #streamId = ''
  #timer: ReturnType<typeof setTimeout> | undefined
  #release: (() => void) | undefined
  #answer: ((answer: Answer) => void) | undefined
  #isLooking = false
  #isRung = false

  constructor(house: House, path: string, read: Read, exchange: Exchange) {
    this.#house = house
    this.#path = path
    this.#read = read
    this.#exchange = exchange
    this.#seat = house.hub.join(path, () => this.#ring())
  }

  /** What `step` gives; a failure ends the poll. */
  async orLeave<Value>(step: Promise<Value>): Promise<Value> {
    try {
      return await step
    } catch (error) {
      this.leave()
      throw error
    }
  }

  waitPast({ record, next }: Page): this {
    this.#next = next
    this.#streamId = record.id
    this.#release = keepAlive(this.#house, this.#path, record)
    this.#timer = setTimeout(() => this.#timeOut(), this.#house.longPollTimeoutMs)
    return this
  }

  whenReady(answer: (answer: Answer) => void): void {
    this.#answer = answer
    this.#exchange.onGone(() => this.leave())
    if (this.#exchange.gone) this.leave()
    else if (this.#isRung || this.#isOver) void this.#look()
  }

  leave(): void {
    clearTimeout(this.#timer)
    this.#release?.()
    this.#seat.leave()
    this.#answer = undefined
  }

  /** The time is up, or the server stops. */
  get #isOver(): boolean {
    return this.#timer === undefined || this.#house.hub.closed
  }

  #timeOut(): void {
    this.#timer = undefined
    this.#ring()
  }

  #ring(): void {
    this.#isRung = true
    if (this.#answer && !this.#isLooking) void this.#look()
  }

  async #look(): Promise<void> {
    this.#isLooking = true
    try {
      while (this.#answer && (this.#isRung || this.#isOver)) {
        this.#isRung = false
        const { answer, isNews, streamId } = await this.#seat.share(this.#key, () =>
          look(this.#house, this.#path, this.#read, this.#next),
        )
        if (streamId !== undefined && streamId !== this.#streamId)
          return this.#end(notFound(this.#path))
        if (isNews || this.#isOver) return this.#end(answer)
      }
    } catch (error) {
      if (this.#answer) this.#end(failureAnswer(this.#house, error))
    } finally {
      this.#isLooking = false
    }
  }

  /** Those who stand at the same place and would be told the same share one answer. */
  get #key(): string {
    const { start, cursor = '' } = this.#read
    const { now, random } = this.#house
    const interval = nextCursor(undefined, now(), random)
    return `poll ${this.#next} ${start === 'now'} ${cursor} ${interval}`
  }

  #end(answer: Answer): void {
    const tell = this.#answer
    this.leave()
    tell?.(answer)
  }
}

async function look(house: House, path: string, read: Read, next: number): Promise<Look> {
  const outcome = await house.streams.page(path, next, PAGE_MAX_BYTES)
  // What could be read before fails only if the stream went away.
  if (outcome.kind !== 'page') {
    return { answer: failedReadAnswer(outcome, path), isNews: true, streamId: undefined }
  }
  const { page } = outcome
  return {
    answer: pollAnswer(house, path, read, page),
    isNews: !mustWait(page),
    streamId: page.record.id,
  }
}

function mustWait({ bytes, closed }: Page): boolean {
  return bytes.length === 0 && !closed
}

function pollAnswer(house: House, path: string, { start, cursor }: Read, page: Page): Answer {
  const { now, random } = house
  const live = page.closed ? {} : { [CURSOR]: nextCursor(cursor, now(), random) }
  if (page.bytes.length === 0) {
    return {
      status: 204,
      headers: { ...positionHeaders(page, path), ...live, 'cache-control': 'no-store' },
    }
  }
  const answer =
    start === 'now' ? tailAnswer(page, path) : pageAnswer(page, path, house.cacheControl)
  return { ...answer, headers: { ...answer.headers, ...live } }
}
