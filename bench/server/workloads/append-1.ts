import { measureAppend } from '../load/measure-append.ts'
import { BARE, OURS, PEER } from '../subjects.ts'
import { atLeast, rate, ratio } from '../../harness/values.ts'
import type { Workload } from '../workload.ts'

export const append1: Workload = {
  name: 'append-1',
  apart: true,
  subjects: [OURS, BARE, PEER],
  measure: (round) =>
    measureAppend(round, { connections: 1, ms: round.quick ? 1500 : 3000, warmUpMs: 700 }),
  rows: ({ ours, bare, peer }) => [
    {
      workload: 'append, 1 connection, memory',
      ours: rate(ours),
      limit: rate(bare),
      limitIs: 'bare node:http',
      peer: rate(peer),
      target: '≥ 0.8 of the limit',
      met: atLeast(ratio(ours?.['perSecond'], bare?.['perSecond']), 0.8),
    },
  ],
}
