import { mkdtemp, rm } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { startChild, type Child } from '../harness/child.ts'
import { median } from '../harness/statistics.ts'
import type { ServerStarted, Subject } from './subjects.ts'
import type { Figures, Medians, Round, Workload } from './workload.ts'

/** Longest time for one round, or one preparation, of one subject. */
const PATIENCE_MS = 240_000

interface Running extends ServerStarted {
  child: Child
}

interface Contestant {
  subject: Subject
  directory: string
  running?: Running
  prepared?: unknown
  figures: Figures[]
}

export interface RunOptions {
  quick: boolean
  /** Where the built programs are. */
  programs: string
  /** Where durable servers may store. */
  data: string
  /** Folder that CPU profiles of the servers are written to; undefined for none. */
  profile?: string | undefined
  /** Is told what happens. */
  say: (line: string) => void
}

/** Measures all subjects of a workload in turns, so that a slow minute of the machine hits them all. */
export async function runWorkload(workload: Workload, options: RunOptions): Promise<Medians> {
  const contestants: Contestant[] = []
  try {
    for (const subject of workload.subjects) {
      const directory = await mkdtemp(join(options.data, `${subject.name}-`))
      const contestant: Contestant = { subject, directory, figures: [] }
      contestants.push(contestant)
      await guarded(contestant, options, () => prepare(workload, contestant, options))
    }
    const most = Math.max(...contestants.map(({ subject }) => roundsOf(workload, subject, options)))
    for (let round = 0; round < most; round++) {
      for (const contestant of contestants) {
        const isDone = round >= roundsOf(workload, contestant.subject, options)
        if (isDone || contestant.directory === '') continue
        await guarded(contestant, options, () => measure(workload, contestant, round, options))
      }
    }
    return Object.fromEntries(
      contestants
        .filter(({ figures }) => figures.length > 0)
        .map(({ subject, figures }) => [subject.name, mediansOf(figures)]),
    )
  } finally {
    for (const contestant of contestants) await drop(contestant)
  }
}

/** Another's server that fails has no figures; a failure of ours fails the run, after the rest. */
async function guarded(
  contestant: Contestant,
  { say }: RunOptions,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (contestant.subject.server === 'ours') process.exitCode = 1
    say(`  ${contestant.subject.name} FAILED: ${(error as Error).message}`)
    contestant.figures = []
    await drop(contestant)
  }
}

async function drop(contestant: Contestant): Promise<void> {
  await contestant.running?.child.stop()
  delete contestant.running
  if (contestant.directory) await rm(contestant.directory, { recursive: true, force: true })
  contestant.directory = ''
}

async function prepare(
  workload: Workload,
  contestant: Contestant,
  options: RunOptions,
): Promise<void> {
  if (workload.prepare || !workload.freshServer)
    contestant.running = await start(workload, contestant, options)
  if (!workload.prepare) return
  contestant.prepared = await drive(workload, contestant, 'prepare', 0, options)
  if (workload.freshServer) await stop(contestant)
}

async function measure(
  workload: Workload,
  contestant: Contestant,
  round: number,
  options: RunOptions,
): Promise<void> {
  if (workload.freshServer) contestant.running = await start(workload, contestant, options)
  const figures = (await drive(workload, contestant, 'measure', round, options)) as Figures
  if (workload.freshServer) await stop(contestant)
  contestant.figures.push(figures)
  const shown = Object.entries(figures).map(([name, value]) => `${name} ${round2(value)}`)
  options.say(`  ${contestant.subject.name.padEnd(12)} ${shown.join('  ')}`)
}

async function drive(
  { name: workload, apart }: Workload,
  { running, subject, prepared }: Contestant,
  name: 'prepare' | 'measure',
  round: number,
  { quick, programs }: RunOptions,
): Promise<unknown> {
  const { url, afterMs, child } = running!
  const argument: Round = {
    subject,
    url: `${url}/${name}-${round}`,
    prepared,
    pid: child.pid,
    startedAfterMs: afterMs,
    round,
    quick,
  }
  const cores = apart ? coresForLoad() : undefined
  const driver = startChild(join(programs, 'driver.js'), { cores })
  const timer = setTimeout(() => void driver.stop(), PATIENCE_MS)
  try {
    return await driver.call(name, { name: workload, round: argument })
  } finally {
    clearTimeout(timer)
    await driver.stop()
  }
}

async function start(
  { name, apart }: Workload,
  { subject, directory }: Contestant,
  { programs, profile }: RunOptions,
): Promise<Running> {
  const child = startChild(join(programs, `${subject.server}.js`), {
    execArgv: profile === undefined ? [] : profileOptions(profile, `${name}-${subject.name}`),
    cores: apart ? '0' : undefined,
  })
  const started = await child.call<ServerStarted>('start', subject.durable ? { directory } : {})
  return { ...started, child }
}

function profileOptions(folder: string, name: string): string[] {
  const file = `${name}-${Date.now()}.cpuprofile`
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${file}`]
}

async function stop(contestant: Contestant): Promise<void> {
  await contestant.running!.child.stop()
  delete contestant.running
}

/** All but the first, which is the server's. */
function coresForLoad(): string | undefined {
  return cpus().length > 1 ? `1-${cpus().length - 1}` : undefined
}

function roundsOf({ rounds = 3 }: Workload, subject: Subject, { quick }: RunOptions): number {
  if (quick) return 1
  return typeof rounds === 'number' ? rounds : rounds(subject)
}

function mediansOf(figures: readonly Figures[]): Figures {
  const names = [...new Set(figures.flatMap((round) => Object.keys(round)))]
  return Object.fromEntries(
    names.map((name) => [name, median(figures.flatMap((round) => round[name] ?? []))]),
  )
}

function round2(value: number): number {
  return Math.round(value * 100) / 100
}
