import { type Line, openLine } from '../line.ts'
import type { HubQuestion } from './hub-reader.ts'
import { again, type HubEnd, type HubTarget, readHub } from './hub-request.ts'
import { createSchedule } from './hub-schedule.ts'
import type { MultiplexedEvent } from './multiplexed-events.ts'
import { createMultiplexedStream, type MultiplexedStream } from './multiplexed-stream.ts'

/** What nobody reads any more still comes for so long, should somebody return, in milliseconds. */
const LEAVE_MS = 250

/** Requests are at least so far apart, and more for many streams, in milliseconds. */
const GAP_MS = 10
const GAP_MS_PER_STREAM = 0.25

/** So long an answer may lack some streams before it is given up for another, in milliseconds. */
const PATIENCE_MS = 1000

/** The silence that is allowed, in milliseconds: before the first byte, and later. */
const FIRST_MS = 10_000
const SILENCE_MS = 90_000

/** One request that carries many streams; made anew when others are wanted. */
export interface Hub {
  /**
   * Answers as the server would answer for this stream alone; nothing, at once or later, if another
   * hub has to.
   */
  join(path: string, question: HubQuestion): Promise<Response | undefined> | undefined
  stream(path: string): MultiplexedStream | undefined
  /** Its readers ask again. */
  end(): void
}

/**
 * @param maxStreams at most so many at a time.
 * @param onNews is called when something came of a stream.
 * @param onEnd is called once, before its readers are sent away; `size` says how many streams it had.
 */
export function openHub(
  target: HubTarget,
  maxStreams: number,
  onNews: (path: string) => void,
  onEnd: (kind: HubEnd['kind'], size: number) => void,
): Hub {
  const streams = new Map<string, MultiplexedStream>()
  let line: Line | undefined
  let isOver = false
  let wasAnswered = false
  let isDoubtful = false
  /** Streams that are asked for and have not been answered. */
  let unanswered = new Set<string>()
  let patienceMs = PATIENCE_MS
  const schedule = createSchedule(() => ask())

  const end = ({ kind, dismiss }: HubEnd): void => {
    if (isOver) return
    isOver = true
    schedule.stop()
    line?.close()
    onEnd(wasAnswered && kind === 'broken' ? 'over' : kind, streams.size)
    for (const { readers } of streams.values()) readers.forEach(dismiss)
  }

  const left = (isSilent: boolean): void => {
    isDoubtful ||= isSilent
    if ([...streams.values()].every(({ readers }) => !readers.size)) end(again('left'))
    else schedule.wantIn(isSilent ? 0 : LEAVE_MS)
  }

  const take = (event?: MultiplexedEvent): void => {
    if (!event) return streams.forEach((stream) => stream.pulse())
    const { path } = event
    const stream = streams.get(path)
    if (!stream?.isAsked) return
    wasAnswered = true
    if (stream.take(event)) streams.delete(path)
    if (unanswered.delete(path) && !unanswered.size) {
      patienceMs = PATIENCE_MS
      schedule.allowIn(GAP_MS + streams.size * GAP_MS_PER_STREAM)
    }
    onNews(path)
  }

  const ask = (): void => {
    const all = [...streams]
    if (!isDoubtful && all.every(([, { isAsked, readers }]) => isAsked === readers.size > 0)) return
    for (const [path, { readers }] of all) if (!readers.size) streams.delete(path)
    unanswered = new Set(streams.keys())
    isDoubtful = false
    schedule.allowIn(Infinity)
    line?.close()
    const own = (line = openLine(undefined, SILENCE_MS, FIRST_MS))
    const isOwn = (): boolean => line === own && !isOver
    const wanted = [...streams].map(([path, stream]) => ({ path, offset: stream.ask() }))
    const opened = (): void => {
      if (isOwn()) schedule.allowIn(patienceMs)
      patienceMs *= 2
    }
    void readHub(target, wanted, own, opened, (event) => isOwn() && take(event)).then(
      (how) => isOwn() && end(how),
    )
  }

  return {
    join(path, question) {
      let stream = streams.get(path)
      if (!stream) {
        if (streams.size >= maxStreams) return
        streams.set(path, (stream = createMultiplexedStream(question.offset, left)))
      }
      if (!stream.isAsked) schedule.wantIn(0)
      return stream.join(question)
    },
    stream: (path) => streams.get(path),
    end: () => end(again('over')),
  }
}
