import { SSE_ENCODING } from '../protocol.ts'
import { type HubAnswer, type HubQuestion, type HubReader, openReader } from './hub-reader.ts'
import { createReaders } from './hub-readers.ts'
import { dataOf, type MultiplexedEvent } from './multiplexed-events.ts'
import { createTail } from './multiplexed-tail.ts'

/** One stream of a hub, and who reads it. */
export interface MultiplexedStream {
  readonly readers: ReadonlySet<HubReader>
  /** How far it was received whole. */
  readonly offset: string
  /** Whether the request that is under way asks for it. */
  readonly isAsked: boolean
  /**
   * A request begins.
   *
   * @returns the offset to ask from.
   */
  ask(): string
  /** Says that the connection lives. */
  pulse(): void
  /** Takes who reads the same stream elsewhere, if that is just as far. */
  adopt(other: MultiplexedStream): void
  /** @returns nothing if there is no way to go on from that offset. */
  join(question: HubQuestion): Promise<Response | undefined> | undefined
  /** @returns whether nothing more will come of it. */
  take(event: MultiplexedEvent): boolean
}

export function createMultiplexedStream(
  start: string,
  onLeave: (isDoubtful: boolean) => void,
): MultiplexedStream {
  const readers = createReaders(onLeave)
  const { all, forEachBody } = readers
  let tail = createTail(start)
  let isAsked = false
  let answer: HubAnswer | undefined

  /** Answers who can go on from here; one that is ahead waits until this is as far. */
  const seat = (reader: HubReader): void => {
    if (!answer || reader.body || reader.offset > tail.offset) return
    const frames = tail.after(reader.offset)
    reader.answer(frames && answer)
    for (const { bytes, from } of frames ?? []) reader.body!.push(bytes, from)
  }

  /** @param refusal is for whoever asked just what is refused. */
  const endAll = (refusal?: HubAnswer): true => {
    for (const reader of all) {
      if (reader.body) reader.end()
      else reader.answer(reader.offset === tail.offset ? refusal : undefined)
    }
    return true
  }

  /** @returns whether it is a refusal. */
  const begin = (fresh: HubAnswer): boolean => {
    if (fresh.status !== 200) return endAll(fresh)
    if (answer && answer.headers[SSE_ENCODING] !== fresh.headers[SSE_ENCODING]) {
      // Another stream took its place: who reads asks again.
      forEachBody((_, reader) => reader.end())
      tail = createTail(tail.offset)
    }
    answer = fresh
    forEachBody((body, reader) => (reader.isOld() ? reader.end() : body.pulse()))
    all.forEach(seat)
    return false
  }

  const control = (event: MultiplexedEvent): void => {
    const frame = tail.control(event)
    forEachBody((body, reader) => {
      // Another request than before: to those who read this stream, nothing has happened.
      if (!frame) body.pulse()
      else if (!body.push(frame.bytes, frame.from)) reader.end()
    })
    all.forEach(seat)
  }

  return {
    readers: all,
    get offset() {
      return tail.offset
    },
    get isAsked() {
      return isAsked
    },
    ask() {
      isAsked = true
      tail.drop()
      return tail.offset
    },
    pulse: () => forEachBody((body) => body.pulse()),
    adopt(other) {
      if (answer && other.offset === tail.offset) readers.adopt(other.readers)
    },
    join(question) {
      const { offset } = question
      if (!isAsked && offset < tail.offset) tail = createTail(offset)
      if (offset < tail.offset && !tail.after(offset)) return
      const [reader, answered] = openReader(question)
      seat(readers.add(reader))
      return answered
    },
    take(message) {
      const { event } = message
      if (event === 'response') return begin(JSON.parse(dataOf(message)) as HubAnswer)
      if (event === 'data') tail.data(message)
      if (event === 'control') control(message)
      return event === 'end' && endAll()
    },
  }
}
