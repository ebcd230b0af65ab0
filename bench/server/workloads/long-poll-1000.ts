import { measureBroadcast } from '../load/measure-broadcast.ts'
import { OURS, OURS_DURABLE, PEER, PEER_DURABLE } from '../subjects.ts'
import { atMost, percentiles, ratio } from '../../harness/values.ts'
import type { Workload } from '../workload.ts'

export const longPoll1000: Workload = {
  name: 'long-poll-1000',
  subjects: [OURS, OURS_DURABLE, PEER, PEER_DURABLE],
  rounds: (subject) => (subject === PEER_DURABLE ? 1 : 3),
  measure: (round) =>
    measureBroadcast(round, {
      readers: 1000,
      by: 'long-poll',
      messages: round.quick ? 100 : 200,
      everyMs: 20,
      patienceMs: 15_000,
    }),
  rows: ({ ours, oursDurable, peer, peerDurable }) => [
    {
      workload: '1,000 long-poll subscribers, a message each 20 ms, memory (p99)',
      ours: percentiles(ours),
      peer: percentiles(peer),
      target: "≤ a quarter of the peer's",
      met: atMost(ratio(ours?.['p99Ms'], peer?.['p99Ms']), 0.25),
    },
    {
      workload: 'the same, durable (p99)',
      ours: percentiles(oursDurable),
      peer: percentiles(peerDurable),
      target: "≤ a quarter of the peer's",
      met: atMost(ratio(oursDurable?.['p99Ms'], peerDurable?.['p99Ms']), 0.25),
    },
  ],
}
