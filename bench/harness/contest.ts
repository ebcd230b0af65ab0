import { join } from 'node:path'
import { type Child, startChild } from './child.ts'
import { mediansOf, shown } from './figures.ts'
import type { Figures, Medians, Row } from './row.ts'

/** What a round works with; it crosses a process boundary, so it is plain data. */
export interface Round<Name extends string = string> {
  workload: string
  subject: Name
  /** Of the server that the workload asks for. */
  url: string
  /** Smaller sizes, for a look in between. */
  quick: boolean
}

/** What several programs do in turns, each in a process of its own, with one server. */
export interface Contest<Name extends string = string> {
  name: string
  /** The program that serves: a name of those in `servers`. */
  server: string
  subjects: readonly Name[]
  /** Of a full run. Default 5. */
  rounds?: number
  /** Gives each round a path of its own below the server's address. */
  hasOwnPath?: boolean
  rows(medians: Medians): Row[]
}

const ROUNDS = 5

/** Longest time for one round of one subject. */
const PATIENCE_MS = 240_000

export interface ContestOptions {
  quick: boolean
  /** Where the built programs are. */
  programs: string
  /** Folder that CPU profiles of our program are written to; undefined for none. */
  profile?: string | undefined
  /** Is told what happens. */
  say: (line: string) => void
}

/** Measures all subjects in turns, so that a slow minute of the machine hits them all. */
export async function runContest(contest: Contest, options: ContestOptions): Promise<Medians> {
  const server = startChild(join(options.programs, `${contest.server}.js`))
  const figures: Partial<Record<string, Figures[]>> = {}
  let left = [...contest.subjects]
  try {
    const url = await server.call<string>('start')
    for (let round = 0; round < (options.quick ? 1 : (contest.rounds ?? ROUNDS)); round++) {
      for (const subject of left) {
        try {
          const measured = await measure(contest, subject, url, round, options)
          options.say(`  ${subject.padEnd(6)} ${shown(measured)}`)
          figures[subject] = [...(figures[subject] ?? []), measured]
        } catch (error) {
          // Another's program that fails has no figures; a failure of ours fails the run.
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
    Object.entries(figures).map(([subject, rounds]) => [subject, mediansOf(rounds!)]),
  )
}

async function measure(
  { name, hasOwnPath }: Contest,
  subject: string,
  origin: string,
  round: number,
  { quick, programs, profile }: ContestOptions,
): Promise<Figures> {
  const isProfiled = profile !== undefined && subject === 'ours'
  const execArgv = isProfiled
    ? ['--cpu-prof', `--cpu-prof-dir=${profile}`, `--cpu-prof-name=${name}-${round}.cpuprofile`]
    : []
  const driver: Child = startChild(join(programs, 'driver.js'), { execArgv })
  const timer = setTimeout(() => void driver.stop(), PATIENCE_MS)
  const url = hasOwnPath ? `${origin}/${subject}-${round}` : origin
  const argument: Round = { workload: name, subject, url, quick }
  try {
    return await driver.call<Figures>('measure', argument)
  } finally {
    clearTimeout(timer)
    await driver.stop()
  }
}
