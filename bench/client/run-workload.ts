import { join } from 'node:path'
import { type Child, startChild } from '../harness/child.ts'
import type { Figures, Medians } from '../harness/row.ts'
import { median } from '../harness/statistics.ts'
import type { Round, SubjectName, Workload } from './workload.ts'

const ALL: readonly SubjectName[] = ['limit', 'ours', 'peer']
const ROUNDS = 5

/** Longest time for one round of one subject. */
const PATIENCE_MS = 120_000

export interface RunOptions {
  quick: boolean
  /** Where the built programs are. */
  programs: string
  /** Folder that CPU profiles of our client are written to; undefined for none. */
  profile?: string | undefined
  /** Is told what happens. */
  say: (line: string) => void
}

/** Measures all subjects in turns, so that a slow minute of the machine hits them all. */
export async function runWorkload(workload: Workload, options: RunOptions): Promise<Medians> {
  const server = startChild(join(options.programs, `${workload.server}.js`))
  const figures: Partial<Record<SubjectName, Figures[]>> = {}
  let left = [...(workload.subjects ?? ALL)]
  try {
    const url = await server.call<string>('start')
    for (let round = 0; round < (options.quick ? 1 : ROUNDS); round++) {
      for (const subject of left) {
        try {
          const measured = await measure(workload, subject, url, round, options)
          options.say(`  ${subject.padEnd(6)} ${shown(measured)}`)
          figures[subject] = [...(figures[subject] ?? []), measured]
        } catch (error) {
          // Another's client that fails has no figures; a failure of ours fails the run.
          if (subject !== 'peer') process.exitCode = 1
          options.say(`  ${subject} FAILED: ${(error as Error).message}`)
          delete figures[subject]
          left = left.filter((name) => name !== subject)
        }
      }
    }
  } finally {
    await server.stop()
  }
  return Object.fromEntries(
    Object.entries(figures).map(([subject, rounds]) => [subject, mediansOf(rounds)]),
  )
}

async function measure(
  { name, server }: Workload,
  subject: SubjectName,
  origin: string,
  round: number,
  { quick, programs, profile }: RunOptions,
): Promise<Figures> {
  const isProfiled = profile !== undefined && subject === 'ours'
  const execArgv = isProfiled
    ? ['--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${name}-${round}.cpuprofile`]
    : []
  const driver: Child = startChild(join(programs, 'driver.js'), { execArgv })
  const timer = setTimeout(() => void driver.stop(), PATIENCE_MS)
  const url = server === 'pages' ? origin : `${origin}/${subject}-${round}`
  const argument: Round = { workload: name, subject, url, quick }
  try {
    return await driver.call<Figures>('measure', argument)
  } finally {
    clearTimeout(timer)
    await driver.stop()
  }
}

function mediansOf(rounds: readonly Figures[]): Figures {
  const names = Object.keys(rounds[0]!)
  return Object.fromEntries(names.map((name) => [name, median(rounds.map((f) => f[name]!))]))
}

function shown(figures: Figures): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${Math.round(value * 100) / 100}`)
    .join('  ')
}
