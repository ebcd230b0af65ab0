import { loadClient } from './client.ts'
import type { Fault } from './faults.ts'
import { replaceGlobals } from './globals.ts'
import { simulate } from './simulate.ts'

/** Some seeds to play with one client. */
export interface Job {
  name: string
  /** A changed copy of the client, instead of the shipped one. */
  folder?: string
  first: number
  step: number
  count: number
  /** Goes on after a failure up to this many. */
  maxFailures: number
}

export interface Report {
  name: string
  seeds: number
  failures: { seed: number; failure: string }[]
  faults: Partial<Record<Fault, number>>
  requests: number
  messages: number
  virtualMs: number
}

async function play(job: Job): Promise<Report> {
  const { name, folder, first, step, count, maxFailures } = job
  const core = await loadClient(folder)
  const report: Report = {
    ...{ name, seeds: 0, failures: [], faults: {} },
    ...{ requests: 0, messages: 0, virtualMs: 0 },
  }
  for (let i = 0; i < count && report.failures.length < maxFailures; i++) {
    const seed = first + i * step
    // Should it never end, that is where.
    process.send!(seed)
    const { failure, faults, requests, messages, virtualMs } = await simulate(core, seed)
    report.seeds++
    report.requests += requests
    report.messages += messages
    report.virtualMs += virtualMs
    for (const [fault, times] of faults) report.faults[fault] = (report.faults[fault] ?? 0) + times
    if (failure !== undefined) report.failures.push({ seed, failure })
  }
  return report
}

const jobs = JSON.parse(process.argv[2]!) as Job[]
// What is imported later would wait for timers that do not run.
await Promise.all(jobs.map(({ folder }) => loadClient(folder)))
replaceGlobals()
for (const job of jobs) process.send!(await play(job))
