import { processorSeconds } from '../../harness/process-usage.ts'
import { percentile } from '../../harness/statistics.ts'
import { longPollReaders, sseReaders } from './live-readers.ts'
import { createStream } from './stream.ts'
import { writePaced } from './paced-writer.ts'
import type { Figures, Round } from '../workload.ts'

export interface BroadcastLoad {
  readers: number
  by: 'sse' | 'long-poll'
  messages: number
  everyMs: number
  /** How long to wait for what has not arrived when the writer is done. */
  patienceMs: number
  /** A stream to use instead of a new one, and where to follow it from. */
  stream?: { url: string; offset: string }
}

/**
 * Lets many follow a stream that grows at a steady pace. Each reader must get each message, in order;
 * a server that does not get there in time has `Infinity` as its p99. It is warmed up before, unless
 * the stream is given. `processorUs` is the server's
 * processor time per message and reader.
 */
export async function measureBroadcast(round: Round, load: BroadcastLoad): Promise<Figures> {
  // A server that has just started compiles its code while it serves: that is not what is asked.
  if (!load.stream) await broadcast(round, { ...load, messages: WARM_UP_MESSAGES }, 'warm-up')
  return broadcast(round, load, 'news')
}

const WARM_UP_MESSAGES = 50

async function broadcast(round: Round, load: BroadcastLoad, name: string): Promise<Figures> {
  const { url, offset } = load.stream ?? { url: `${round.url}/${name}`, offset: '-1' }
  if (!load.stream) await createStream(url)
  const follow = load.by === 'sse' ? sseReaders : longPollReaders
  const readers = await follow(url, load.readers, offset)
  const writeMs = load.messages * load.everyMs
  const before = await processorSeconds(round.pid)
  const { acknowledged } = await writePaced(url, {
    count: load.messages,
    everyMs: load.everyMs,
    maxMs: writeMs + load.patienceMs,
  })
  const isComplete =
    acknowledged === load.messages && (await readers.received(load.messages, load.patienceMs))
  readers.close()
  const { latenciesMs, counts } = readers
  if (isComplete) {
    const processorUs = (((await processorSeconds(round.pid)) - before) * 1e6) / latenciesMs.length
    return {
      p50Ms: percentile(latenciesMs, 0.5),
      p99Ms: percentile(latenciesMs, 0.99),
      processorUs,
    }
  }
  if (round.subject.server === 'ours') {
    throw new Error(`Of ${load.messages} messages, a reader had ${Math.min(...counts)}`)
  }
  return { p50Ms: Infinity, p99Ms: Infinity, patienceMs: writeMs + load.patienceMs }
}
