import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { createFolder } from '../support/folder.ts'
import { FAULTS } from './faults.ts'
import { makeMutant, MUTANTS } from './mutants.ts'
import { play } from './play.ts'
import { SHARING_MUTANTS } from './sharing-mutants.ts'

const SEEDS = 20_000
const MINUTE = 60_000

it(
  'loses nothing, repeats nothing, never hangs and never storms, whatever goes wrong',
  async () => {
    const half = { step: 2, count: SEEDS / 2, maxFailures: 20 }
    const reports = await play([
      { name: 'even seeds', first: 0, ...half },
      { name: 'odd seeds', first: 1, ...half },
    ])
    const failures = reports.flatMap((report) => report.failures)
    const sum = (of: (report: (typeof reports)[number]) => number): number =>
      reports.reduce((total, report) => total + of(report), 0)
    const counts = FAULTS.map((fault) => [fault, sum(({ faults }) => faults[fault] ?? 0)] as const)

    console.log(
      `${sum(({ seeds }) => seeds)} seeds, ${sum(({ requests }) => requests)} requests, ` +
        `${sum(({ messages }) => messages)} messages, ` +
        `${Math.round(sum(({ virtualMs }) => virtualMs) / 3_600_000)} hours\n` +
        counts.map(([fault, times]) => `${fault} ${times}`).join(', '),
    )
    expect(failures.map(tell)).toEqual([])
    expect(sum(({ seeds }) => seeds)).toBe(SEEDS)
    expect(counts.filter(([, times]) => times === 0)).toEqual([])
  },
  15 * MINUTE,
)

it(
  'notices each way in which a client could break its promises, within some hundred seeds',
  async () => {
    const { path, remove } = await createFolder()
    onTestFinished(remove)
    const mutants = [...MUTANTS, ...SHARING_MUTANTS]
    const jobs = mutants.map(({ name }, i) => {
      const folder = join(path, String(i))
      // Of ten seeds, this one is about what is shared.
      const step = i < MUTANTS.length ? 1 : 10
      return { name, folder, first: 1, step, count: 600, maxFailures: 1 }
    })
    await Promise.all(jobs.map(({ folder }, i) => makeMutant(mutants[i]!, folder)))
    const reports = await play(jobs)

    for (const { name, failures } of reports) {
      const [found] = failures
      if (found) console.log(`A client that ${name}: seed ${found.seed}: ${found.failure}`)
    }
    expect(reports.filter(({ failures }) => failures.length === 0).map(({ name }) => name)).toEqual(
      [],
    )
    // A change that is no program breaks no promise.
    expect(reports.filter(({ failures }) => /ReferenceError/.test(failures[0]!.failure))).toEqual(
      [],
    )
    expect(reports.length).toBe(mutants.length)
  },
  15 * MINUTE,
)

function tell({ seed, failure }: { seed: number; failure: string }): string {
  return `seed ${seed}: ${failure} (npx tsx test/simulation/replay.ts ${seed} shows it all)`
}
