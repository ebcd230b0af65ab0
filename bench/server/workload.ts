import type { Figures, Medians, Row } from '../harness/row.ts'
import type { Subject } from './subjects.ts'

export type { Figures, Medians, Row, Value } from '../harness/row.ts'

/** What a round works with; it crosses a process boundary, so it is plain data. */
export interface Round {
  subject: Subject
  /** A URL below which this round may make streams that nobody else uses. */
  url: string
  /** What `prepare` returned, for this subject. */
  prepared: unknown
  /** The process of the server. */
  pid: number
  /** Milliseconds from the start of the server's process until it listened. */
  startedAfterMs: number
  /** Starts from 0. */
  round: number
  /** Smaller sizes, for a look in between. */
  quick: boolean
}

export interface Workload {
  name: string
  subjects: readonly Subject[]
  /** Rounds of a full run. Default 3. */
  rounds?: number | ((subject: Subject) => number)
  /** A server of its own for each round: for what changes the server for good. Default false. */
  freshServer?: boolean
  /**
   * The server on the first core, the load on the others. For one request at a time: a scheduler that
   * puts both on one core makes it look two or three times as fast as over a real network. Default false.
   */
  apart?: boolean
  /** Runs once per subject, before the rounds. */
  prepare?(round: Round): Promise<unknown>
  /** Runs once per server and round; must throw when an answer is wrong. */
  measure(round: Round): Promise<Figures>
  rows(medians: Medians): Row[]
}
