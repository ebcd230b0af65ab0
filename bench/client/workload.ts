import type { Figures, Medians, Row } from '../harness/row.ts'
import type { Subject } from './subject.ts'

export type SubjectName = 'limit' | 'ours' | 'peer'

/** What a round works with; it crosses a process boundary, so it is plain data. */
export interface Round {
  workload: string
  subject: SubjectName
  /** Of the server that the workload asks for. */
  url: string
  /** Smaller sizes, for a look in between. */
  quick: boolean
}

export interface Workload {
  name: string
  /** Streams that were made before, or a real server. */
  server: 'pages' | 'streams'
  /** Default all three. */
  subjects?: readonly SubjectName[]
  /** Runs in a process of its own; must throw when what it reads is wrong. */
  measure(subject: Subject, round: Round): Promise<Figures>
  rows(medians: Medians): Row[]
}
