import { measureAppend } from '../load/measure-append.ts'
import { OURS, OURS_DURABLE, PEER_DURABLE } from '../subjects.ts'
import { all, atLeast, atMost, rate, ratio } from '../../harness/values.ts'
import type { Workload } from '../workload.ts'

export const appendDurable: Workload = {
  name: 'append-durable',
  subjects: [OURS_DURABLE, OURS, PEER_DURABLE],
  measure: (round) =>
    measureAppend(round, { connections: 64, ms: round.quick ? 2000 : 4000, warmUpMs: 1000 }),
  rows: ({ oursDurable, ours, peerDurable }) => [
    {
      workload: 'append, 64 connections, durable',
      ours: rate(oursDurable),
      limit: rate(ours),
      limitIs: 'our own memory figure',
      peer: rate(peerDurable),
      target: '≥ 0.5 of our memory figure, p99 < 20 ms',
      met: all(
        atLeast(ratio(oursDurable?.['perSecond'], ours?.['perSecond']), 0.5),
        atMost(oursDurable?.['p99Ms'], 20),
      ),
    },
  ],
}
