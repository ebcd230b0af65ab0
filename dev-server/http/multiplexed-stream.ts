import { framingOf } from '../operations/content-type.ts'
import { nextCursor } from '../operations/cursor.ts'
import { busyAnswer } from './error-answer.ts'
import { failureAnswer } from './failure.ts'
import { keepAlive } from './keep-alive.ts'
import { encodeEnd, encodeResponse, nameField } from './multiplex-frame.ts'
import { failedReadAnswer } from './respond.ts'
import { encodingHeaders, SSE_TYPE } from './sse-headers.ts'
import { encodeFrame, type Frame } from './sse-frame.ts'
import type { Answer } from './answer.ts'
import type { House } from './house.ts'
import type { Seat } from './hub.ts'
import type { Wanted } from './parse-multiplex.ts'
import type { ReadOutcome } from '../operations/read.ts'
import type { StreamRecord } from '../storage/storage.ts'

/**
 * Shorter than where a response is for one stream alone: here others wait until it is through, and
 * who is far behind reads page by page.
 */
const FRAME_MAX_BYTES = 32 * 1024

type OnNews = (stream: MultiplexedStream) => void

type NamedFrame =
  | { kind: 'frame'; frame: Frame; record: StreamRecord }
  | Exclude<ReadOutcome, { kind: 'page' }>

/** One of the streams that a response carries. A class, because there may be very many. */
export class MultiplexedStream {
  readonly path: string
  /** As it was asked for. */
  readonly offset: string
  readonly #house: House
  #position: number | 'now'
  #refused: Answer | undefined
  #streamId: string | undefined
  #seat: Seat | undefined
  #release: (() => void) | undefined
  /** Nothing more comes of it. */
  isOver = false
  /** More is stored than what was given. */
  isBehind = false

  constructor(house: House, { path, offset = '' }: Wanted, start: number | 'now') {
    this.path = path
    this.offset = offset
    this.#house = house
    this.#position = start
  }

  /** `answer` is all that will be said of it. Only before it was advanced. */
  refuse(answer: Answer): void {
    this.#refused = answer
  }

  get isRefused(): boolean {
    return this.#refused !== undefined
  }

  /**
   * Adds to `frames` what there is to say now: first how the read of it is answered. Never rejects.
   *
   * @param onNews is called, from then on, when there may be more of the stream
   */
  async advance(frames: Uint8Array[], onNews: OnNews): Promise<void> {
    try {
      if (this.#streamId === undefined) await this.#begin(frames, onNews)
      else await this.#goOn(frames)
    } catch (error) {
      const answer = failureAnswer(this.#house, error)
      const isBegun = this.#streamId !== undefined
      this.#end(frames, isBegun ? encodeEnd(this.path) : encodeResponse(this.path, answer))
    }
  }

  leave(): void {
    this.isOver = true
    this.#release?.()
    this.#seat?.leave()
  }

  async #begin(frames: Uint8Array[], onNews: OnNews): Promise<void> {
    const house = this.#house
    const { hub, maxLiveReaders, streams, onError } = house
    if (hub.size >= maxLiveReaders) this.refuse(busyAnswer(maxLiveReaders))
    if (this.#refused) return this.#end(frames, encodeResponse(this.path, this.#refused))
    // It joins before it looks, so that nothing comes unnoticed in between.
    this.#seat = hub.join(this.path, () => onNews(this))
    const outcome = await this.#read()
    if (outcome.kind !== 'frame') {
      return this.#end(frames, encodeResponse(this.path, failedReadAnswer(outcome, this.path)))
    }
    const { record, frame } = outcome
    this.#streamId = record.id
    this.#release = keepAlive(house, this.path, record)
    // The others do not wait until this is durable.
    streams.touch(this.path, record).catch(onError)
    const headers = { ...SSE_TYPE, ...encodingHeaders(record) }
    frames.push(encodeResponse(this.path, { status: 200, headers }), frame.bytes)
    this.#moveTo(frame, frames)
  }

  async #goOn(frames: Uint8Array[]): Promise<void> {
    const outcome = await this.#read()
    if (outcome.kind !== 'frame' || outcome.record.id !== this.#streamId) {
      return this.#end(frames, encodeEnd(this.path))
    }
    const { frame } = outcome
    if (frame.hasData || frame.closed) frames.push(frame.bytes)
    this.#moveTo(frame, frames)
  }

  #moveTo({ next, upToDate, closed }: Frame, frames: Uint8Array[]): void {
    this.#position = next
    this.isBehind = !upToDate
    if (closed) this.#end(frames, encodeEnd(this.path))
  }

  #end(frames: Uint8Array[], last: Uint8Array): void {
    frames.push(last)
    this.leave()
  }

  /** Encoded once for all who stand at the same place, on whatever connection. */
  #read(): Promise<NamedFrame> {
    const { now, random } = this.#house
    const cursor = nextCursor(undefined, now(), random)
    return this.#seat!.share(`named ${this.#position} ${cursor}`, () =>
      readFrame(this.#house, this.path, this.#position, cursor),
    )
  }
}

async function readFrame(
  { streams }: House,
  path: string,
  start: number | 'now',
  cursor: string,
): Promise<NamedFrame> {
  const outcome = await streams.page(path, start, FRAME_MAX_BYTES)
  if (outcome.kind !== 'page') return outcome
  const { page } = outcome
  const { record } = page
  const frame = encodeFrame(page, framingOf(record.contentType), cursor, nameField(path))
  return { kind: 'frame', frame, record }
}
