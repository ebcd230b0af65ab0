import { Alarm } from './alarm.ts'
import { concatBytes } from './bytes.ts'
import { admit } from './multiplex-admission.ts'
import { ServiceTurns } from './service-turns.ts'
import type { Exchange } from './exchange.ts'
import type { House } from './house.ts'
import type { LiveResponse } from './live-response.ts'
import type { MultiplexedStream } from './multiplexed-stream.ts'

/** What is ready at one time is written at once, up to about so much. */
const WRITE_BYTES = 64 * 1024

/** So many streams are served before other connections get their turn. */
const TURNS_IN_A_ROW = 64

/** Tells that the request is accepted, also while the rules still think about each stream. */
const GREETING = new TextEncoder().encode(':\n\n')

/**
 * Writes what comes of `streams` until all of them are over, the connection has lived long enough,
 * or the server stops. Never rejects.
 */
export async function carry(
  house: House,
  exchange: Exchange,
  streams: readonly MultiplexedStream[],
  response: LiveResponse,
): Promise<void> {
  const { hub, pause, sseLifetimeMs } = house
  const alarm = new Alarm()
  const turns = new ServiceTurns<MultiplexedStream>()
  const isOver = (): boolean => response.gone || hub.closed || outlived || left === 0
  let left = streams.length
  let outlived = false
  const timer = setTimeout(() => {
    outlived = true
    alarm.ring()
  }, sseLifetimeMs)
  response.onChange(alarm.ring)
  response.write(GREETING)
  void admit(house, exchange, streams, letIn, isOver)

  while (!isOver()) {
    // Who does not drain gets nothing queued: what follows is read from storage when they do.
    if (turns.isEmpty || response.full) {
      await alarm.wait()
      continue
    }
    const frames = await serveSome()
    if (frames.length > 0 && !response.gone) response.write(concatBytes(frames))
    // A reader as fast as we are would keep everybody else waiting.
    if (!turns.isEmpty) await pause()
  }
  clearTimeout(timer)
  for (const stream of streams) stream.leave()

  function letIn(stream: MultiplexedStream): void {
    turns.addNews(stream)
    alarm.ring()
  }

  async function serveSome(): Promise<Uint8Array[]> {
    const frames: Uint8Array[] = []
    let length = 0
    for (let served = 0; served < TURNS_IN_A_ROW && length < WRITE_BYTES; served++) {
      const stream = turns.next()
      if (!stream) break
      const before = frames.length
      await stream.advance(frames, () => letIn(stream))
      for (let i = before; i < frames.length; i++) length += frames[i]!.length
      if (stream.isOver) left -= 1
      else if (stream.isBehind) turns.addBacklog(stream)
    }
    return frames
  }
}
