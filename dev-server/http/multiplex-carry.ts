import { Alarm } from './alarm.ts'
import { concatBytes } from './bytes.ts'
import { admit } from './multiplex-admission.ts'
import { MultiplexService } from './multiplex-service.ts'
import type { Exchange } from './exchange.ts'
import type { House } from './house.ts'
import type { LiveResponse } from './live-response.ts'
import type { MultiplexedStream } from './multiplexed-stream.ts'

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
  const service = new MultiplexService(streams.length, alarm.ring)
  let outlived = false
  const timer = setTimeout(() => {
    outlived = true
    alarm.ring()
  }, sseLifetimeMs)
  const isOver = (): boolean =>
    // What was said of the last stream is given time to arrive.
    response.gone || hub.closed || outlived || (service.isOver && !response.full)
  response.onChange(alarm.ring)
  const release = hub.onClose(alarm.ring)
  response.write(GREETING)
  void admit(house, exchange, streams, service.letIn, isOver)

  while (!isOver()) {
    // Who does not drain gets nothing queued: what follows is read from storage when they do.
    if (service.isIdle || response.full) {
      await alarm.wait()
      continue
    }
    const frames = await service.serveSome()
    if (frames.length > 0 && !response.gone) response.write(concatBytes(frames))
    // A reader as fast as we are would keep everybody else waiting.
    if (!service.isIdle) await pause()
  }
  clearTimeout(timer)
  release()
  for (const stream of streams) stream.leave()
}
