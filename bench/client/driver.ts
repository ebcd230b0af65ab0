import { answerCalls } from '../harness/child.ts'
import type { Figures } from '../harness/row.ts'
import type { Subject } from './subject.ts'
import { limit } from './subjects/limit.ts'
import { ours } from './subjects/ours.ts'
import { peer } from './subjects/peer.ts'
import type { Round, SubjectName } from './workload.ts'
import { WORKLOADS } from './workloads.ts'

// The process of one client, for one round.

const SUBJECTS: Readonly<Record<SubjectName, Subject>> = { limit, ours, peer }

// An end that lets a profile be written.
process.on('SIGTERM', () => process.exit())

answerCalls({
  measure: (round: Round): Promise<Figures> =>
    WORKLOADS.find(({ name }) => name === round.workload)!.measure(SUBJECTS[round.subject], round),
})
