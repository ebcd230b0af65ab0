import type { Figures } from '../harness/row.ts'
import type { Load } from './stage.ts'
import type { ComparedRow } from './comparison-table.ts'

/** Figures of all subjects by their names, medians over the rounds. */
export type Medians = Readonly<Partial<Record<string, Figures>>>

/** A load that several subjects get in turns. */
export interface Workload {
  name: string
  subjects: readonly string[]
  /** Those that may fail under it: it is told, and no failure of the run. */
  mayFail: readonly string[]
  load(subject: string, quick: boolean): Load
  rows(medians: Medians): ComparedRow[]
}
