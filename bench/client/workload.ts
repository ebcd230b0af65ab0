import type { Contest, Round as RoundOf } from '../harness/contest.ts'
import type { Figures } from '../harness/row.ts'
import type { Subject } from './subject.ts'

export type SubjectName = 'limit' | 'ours' | 'peer'

export type Round = RoundOf<SubjectName>

export interface Workload extends Contest<SubjectName> {
  /** Streams that were made before, or a real server. */
  server: 'pages' | 'streams'
  /** Runs in a process of its own; must throw when what it reads is wrong. */
  measure(subject: Subject, round: Round): Promise<Figures>
}
