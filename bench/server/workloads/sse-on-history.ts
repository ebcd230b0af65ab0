import { appendLoop } from '../load/append-loop.ts'
import { measureBroadcast, type BroadcastLoad } from '../load/measure-broadcast.ts'
import { createStream, tailOf } from '../load/stream.ts'
import { OURS, PEER } from '../subjects.ts'
import { atMost, measured, ratio } from '../../harness/values.ts'
import type { Workload } from '../workload.ts'

const STORED = 100_000

export const sseOnHistory: Workload = {
  name: 'sse-on-history',
  subjects: [OURS, PEER],
  async prepare({ url, quick }) {
    const stream = `${url}/history`
    await createStream(stream)
    await appendLoop(stream, { connections: 64, messages: quick ? STORED / 10 : STORED })
    return stream
  },
  async measure(round) {
    const load: BroadcastLoad = {
      readers: 100,
      by: 'sse',
      messages: round.quick ? 100 : 200,
      everyMs: 20,
      patienceMs: round.quick ? 5_000 : 10_000,
    }
    const empty = await measureBroadcast(round, load)
    const url = round.prepared as string
    const stream = { url, offset: await tailOf(url) }
    const full = await measureBroadcast(round, { ...load, stream })
    return {
      emptyP99Ms: empty['p99Ms']!,
      p99Ms: full['p99Ms']!,
      ...('patienceMs' in full && { patienceMs: full['patienceMs'] }),
    }
  },
  rows: ({ ours, peer }) => [
    {
      workload: '100 SSE subscribers on a stream that holds 100,000 messages (p99)',
      ours: measured(ours, 'p99Ms', 'ms'),
      limit: measured(ours, 'emptyP99Ms', 'ms'),
      limitIs: 'ours on an empty stream',
      peer: measured(peer, 'p99Ms', 'ms'),
      target: 'as on an empty stream (≤ 1.25)',
      met: atMost(ratio(ours?.['p99Ms'], ours?.['emptyP99Ms']), 1.25),
    },
  ],
}
