import { percentile } from '../../harness/statistics.ts'
import { longPollReaders } from '../load/live-readers.ts'
import { writePaced } from '../load/paced-writer.ts'
import { createStream, fill, tailOf } from '../load/stream.ts'
import { OURS, OURS_DURABLE, PEER, PEER_DURABLE } from '../subjects.ts'
import { atMost, percentiles } from '../../harness/values.ts'
import type { Workload } from '../workload.ts'

const READERS = 100

export const appendWaited: Workload = {
  name: 'append-waited',
  subjects: [OURS, OURS_DURABLE, PEER, PEER_DURABLE],
  async prepare({ url, quick }) {
    const stream = `${url}/history`
    await createStream(stream)
    await fill(stream, quick ? 50_000 : 500_000)
    return stream
  },
  async measure({ prepared, subject, round }) {
    const stream = prepared as string
    const readers = await longPollReaders(stream, READERS, await tailOf(stream))
    const load = { count: 100, everyMs: 30, maxMs: 15_000, writer: round }
    const { latenciesMs, acknowledged } = await writePaced(stream, load)
    const isComplete = await readers.received(acknowledged, 8_000)
    readers.close()
    if (!isComplete && subject.server === 'ours') throw new Error('A waiting reader had not all')
    return { p50Ms: percentile(latenciesMs, 0.5), p99Ms: percentile(latenciesMs, 0.99) }
  },
  rows: ({ ours, oursDurable, peer, peerDurable }) => [
    {
      workload: 'append while 100 readers wait on a 50 MB stream, memory (p99)',
      ours: percentiles(ours),
      peer: percentiles(peer),
      target: '≤ 10 ms',
      met: atMost(ours?.['p99Ms'], 10),
    },
    {
      workload: 'the same, durable (p99)',
      ours: percentiles(oursDurable),
      peer: percentiles(peerDurable),
      target: '≤ 10 ms',
      met: atMost(oursDurable?.['p99Ms'], 10),
    },
  ],
}
