import { answerCalls } from '../harness/child.ts'
import type { Figures } from '../harness/row.ts'
import type { Round } from './workload.ts'
import { WORKLOADS } from './workloads/index.ts'

// The process of one database, for one round.

// As where users run it: TanStack DB checks more in development.
process.env['NODE_ENV'] = 'production'

// An end that lets a profile be written.
process.on('SIGTERM', () => process.exit())

answerCalls({
  measure: (round: Round): Promise<Figures> =>
    WORKLOADS.find(({ name }) => name === round.workload)!.measure(round),
})
