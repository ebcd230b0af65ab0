import { answerCalls } from '../harness/child.ts'
import type { Figures } from '../harness/row.ts'
import { type Round, WORKLOADS } from './workloads.ts'

// The process of one page, for one round.

answerCalls({
  measure: (round: Round): Promise<Figures> =>
    WORKLOADS.find(({ name }) => name === round.workload)!.measure(round),
})
