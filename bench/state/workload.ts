import type { Contest, Round as RoundOf } from '../harness/contest.ts'
import type { Figures } from '../harness/row.ts'
import type { SubjectName } from './subjects/index.ts'

export type Round = RoundOf<SubjectName>

export interface Workload extends Contest<SubjectName> {
  /** Streams that were made before, or a real server. */
  server: 'pages' | 'streams'
  /** Runs in a process of its own; must throw when what it reads is wrong. */
  measure(round: Round): Promise<Figures>
}

/** Rows of a full run; a tenth for a look. */
export function sized(count: number, { quick }: Round): number {
  return quick ? count / 10 : count
}
