/** Figures of a round, by name. `Infinity` says that it took longer than anybody waits for. */
export type Figures = Record<string, number>

/** The figures of all subjects by name of subject, medians over the rounds. */
export type Medians = Readonly<Partial<Record<string, Figures>>>

export interface Value {
  value: number
  unit: string
  /** What else is worth knowing, such as the p99. */
  also?: string
}

/** A line of the result. */
export interface Row {
  workload: string
  ours: Value | undefined
  limit?: Value | undefined
  /** What the limit is. */
  limitIs?: string
  peer?: Value | undefined
  /** In words, such as `≥ 0.6 of the limit`. */
  target: string
  /** Undefined when there was nothing to judge. */
  met: boolean | undefined
}
