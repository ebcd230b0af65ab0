import { answerCalls } from '../harness/child.ts'
import type { Figures } from '../harness/row.ts'
import { type Round, WORKLOADS } from './workloads.ts'

// The process of one server that renders pages, for one round.

process.env['NODE_ENV'] = 'production'

// An end that lets a profile be written.
process.on('SIGTERM', () => process.exit())

answerCalls({
  measure: (round: Round): Promise<Figures> =>
    WORKLOADS.find(({ name }) => name === round.workload)!.measure(round),
})
