import { mediansOf, shown } from '../harness/figures.ts'
import type { Figures } from '../harness/row.ts'
import { runLoad } from './stage.ts'
import type { Medians, Workload } from './workload.ts'

export interface RunOptions {
  quick: boolean
  rounds: number
  /** Where the built programs are. */
  programs: string
  /** Measure this one alone; undefined for all. */
  subject?: string | undefined
  /** Folder that CPU profiles of the servers are written to; undefined for none. */
  profile?: string | undefined
  /** Is told what happens. */
  say: (line: string) => void
}

/** Longest time for what may fail, and for what may not. */
const FAIR_MS = 40_000
const PATIENCE_MS = 120_000

/** Gives all subjects the load in turns, so that a slow minute of the machine hits them all. */
export async function runWorkload(
  { name, subjects, mayFail, load }: Workload,
  { quick, rounds, programs, profile, subject: only, say }: RunOptions,
): Promise<Medians> {
  const figures = new Map<string, Figures[]>()
  let left = subjects.filter((name) => only === undefined || name === only)
  for (let round = 0; round < rounds; round++) {
    for (const subject of left) {
      try {
        const file = `${name}-${subject}-${round}`
        const measured = await runLoad(load(subject, quick), {
          programs,
          mostMs: mayFail.includes(subject) ? FAIR_MS : PATIENCE_MS,
          profile: profile === undefined ? undefined : { folder: profile, name: file },
        })
        say(`  ${subject.padEnd(12)} ${shown(measured)}`)
        figures.set(subject, [...(figures.get(subject) ?? []), measured])
      } catch (error) {
        if (!mayFail.includes(subject)) process.exitCode = 1
        say(`  ${subject} FAILED: ${(error as Error).message}`)
        figures.set(subject, [{ failed: 1 }])
        left = left.filter((other) => other !== subject)
      }
    }
  }
  return Object.fromEntries([...figures].map(([subject, rounds]) => [subject, mediansOf(rounds)]))
}
