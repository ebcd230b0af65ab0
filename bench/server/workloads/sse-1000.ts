import { measureBroadcast } from '../load/measure-broadcast.ts'
import { BARE, OURS, OURS_DURABLE, PEER, PEER_DURABLE } from '../subjects.ts'
import { atMost, percentiles, ratio } from '../../harness/values.ts'
import type { Workload } from '../workload.ts'

export const sse1000: Workload = {
  name: 'sse-1000',
  subjects: [OURS, BARE, OURS_DURABLE, PEER, PEER_DURABLE],
  rounds: (subject) => (subject === PEER_DURABLE ? 1 : 3),
  measure: (round) =>
    measureBroadcast(round, {
      readers: 1000,
      by: 'sse',
      messages: round.quick ? 100 : 200,
      everyMs: 20,
      patienceMs: 15_000,
    }),
  rows: ({ ours, bare, oursDurable, peer, peerDurable }) => [
    {
      workload: '1,000 SSE subscribers, a message each 20 ms, memory (p99)',
      ours: percentiles(ours),
      limit: percentiles(bare),
      limitIs: 'bare broadcast',
      peer: percentiles(peer),
      target: 'every message delivered, ≤ 1.5 of the limit',
      met: atMost(ratio(ours?.['p99Ms'], bare?.['p99Ms']), 1.5),
    },
    {
      workload: 'the same, durable (p99)',
      ours: percentiles(oursDurable),
      limit: percentiles(ours),
      limitIs: 'our own memory figure',
      peer: percentiles(peerDurable),
      target: '≤ 1.3 of memory',
      met: atMost(ratio(oursDurable?.['p99Ms'], ours?.['p99Ms']), 1.3),
    },
  ],
}
