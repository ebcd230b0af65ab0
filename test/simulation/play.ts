import { fork } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Job, Report } from './run-seeds.ts'

const SCRIPT = fileURLToPath(new URL('run-seeds.ts', import.meta.url))

/** Plays all jobs in processes of their own, whose clock and chance are not those of the tests. */
export async function play(jobs: readonly Job[]): Promise<Report[]> {
  const processes = Math.min(jobs.length, availableParallelism(), 4)
  const shares = Array.from({ length: processes }, (_, i) =>
    jobs.filter((_, at) => at % processes === i),
  )
  return (await Promise.all(shares.map(playHere))).flat()
}

async function playHere(jobs: readonly Job[]): Promise<Report[]> {
  const child = fork(SCRIPT, [JSON.stringify(jobs)], { execArgv: ['--import', 'tsx'] })
  const reports: Report[] = []
  let at: number | undefined
  child.on('message', (message) => {
    if (typeof message === 'number') at = message
    else reports.push(message as Report)
  })
  onTestFinished(() => {
    if (child.kill('SIGKILL')) console.log(`The simulation was stopped at seed ${at}`)
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new Error(`The simulation ended with ${code}`)
  return reports
}
