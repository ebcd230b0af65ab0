import { measureAppend } from '../load/measure-append.ts'
import { BARE, OURS, PEER } from '../subjects.ts'
import { atLeast, rate, ratio } from '../../harness/values.ts'
import type { Workload } from '../workload.ts'

export const append64: Workload = {
  name: 'append-64',
  subjects: [OURS, BARE, PEER],
  measure: (round) =>
    measureAppend(round, { connections: 64, ms: round.quick ? 2000 : 4000, warmUpMs: 1000 }),
  rows: ({ ours, bare, peer }) => [
    {
      workload: 'append, 64 keep-alive connections, memory',
      ours: rate(ours),
      limit: rate(bare),
      limitIs: 'bare node:http',
      peer: rate(peer),
      target: '≥ 0.6 of the limit',
      met: atLeast(ratio(ours?.['perSecond'], bare?.['perSecond']), 0.6),
    },
  ],
}
