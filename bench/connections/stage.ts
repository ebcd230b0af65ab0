import { cpus } from 'node:os'
import { join } from 'node:path'
import { type Child, startChild } from '../harness/child.ts'
import { openFilesLimit, residentBytes } from '../harness/process-usage.ts'
import type { Figures } from '../harness/row.ts'
import type { OpenReaders } from './driver.ts'
import { type Delivered, MOMENT_MS } from './load/deliveries.ts'
import type { ClientDelivered } from './load/real-clients.ts'
import { type Plan, subscriptions } from './load/plan.ts'
import { processorUs } from './load/processor-time.ts'

/** What a server process tells when it is started. */
export interface ServerStarted {
  /** Where streams are written, over HTTP/1.1. */
  url: string
  /** Where they are read. */
  readUrl: string
}

export interface Load {
  server: 'ours' | 'http2' | 'peer'
  way: OpenReaders['way']
  plan: Plan
  /** Updates of each stream that count. */
  updates: number
  everyMs: number
}

export interface StageOptions {
  /** Where the built programs are. */
  programs: string
  /** Longest time for all of it. */
  mostMs: number
  /** File name of a CPU profile of the server; undefined for none. */
  profile?: { folder: string; name: string } | undefined
}

/** How long to wait for what has not arrived when the writer is done. */
const PATIENCE_MS = 15_000
/** So many updates go before, without readers and with them: a server that has just started compiles. */
const WARM_UP_UPDATES = 2_000
const WARM_UP_PER_SECOND = 4_000

interface Cast {
  server: Child
  writer: Child
  reader: Child
}

/**
 * Runs a load once: a server, a writer and readers, each in a process of its own. The server has the
 * first core for itself, if there are several.
 *
 * @throws unless every update came once, in order, to each that follows its stream, and to nobody else.
 */
export async function runLoad(
  load: Load,
  { programs, mostMs, profile }: StageOptions,
): Promise<Figures> {
  const isShared = cpus().length > 1
  // What is compiled stays so when garbage is collected to tell what is held.
  const execArgv = ['--expose-gc', '--no-flush-bytecode']
  const start = (name: string, cores: string, more: string[] = []): Child =>
    startChild(join(programs, `${name}.js`), {
      execArgv: [...execArgv, ...more],
      cores: isShared ? cores : undefined,
    })
  const others = `1-${cpus().length - 1}`
  const cast: Cast = {
    server: start(load.server, '0', profile && profiling(profile)),
    writer: start('driver', others),
    reader: start('driver', others),
  }
  const { server, writer, reader } = cast
  const stop = (): Promise<unknown> => Promise.all([server.stop(), writer.stop(), reader.stop()])
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    void stop()
  }, mostMs)
  try {
    return await perform(load, cast)
  } catch (error) {
    throw isLate ? new Error(`It takes longer than ${mostMs / 1000} s`) : error
  } finally {
    clearTimeout(timer)
    await stop()
  }
}

async function perform(load: Load, { server, writer, reader }: Cast): Promise<Figures> {
  const { way, updates, everyMs } = load
  const { url, readUrl } = await server.call<ServerStarted>('start')
  const plan = await fitted(load, server.pid)
  const warmUp = { everyMs: (plan.streams / WARM_UP_PER_SECOND) * 1000 }
  let sequence = Math.ceil(WARM_UP_UPDATES / plan.streams)
  await writer.call('create', { url, streams: plan.streams })
  await writer.call('write', { updates: sequence, ...warmUp })
  const opening: OpenReaders = { way, url: readUrl, plan, first: sequence }
  await reader.call('prepare', opening)
  const heldBefore = { server: await held(server), reader: await held(reader) }

  const openedFrom = await processorUs(reader.pid)
  const liveMs = await reader.call<number>('open', opening)
  const readerOpenMs = ((await processorUs(reader.pid)) - openedFrom) / 1000
  const write = async (updates: number, everyMs: number): Promise<Received> => {
    sequence += updates
    await writer.call('write', { updates, everyMs })
    return reader.call<Received>('finish', { sequence, patienceMs: PATIENCE_MS })
  }
  await write(Math.floor(WARM_UP_UPDATES / plan.streams), warmUp.everyMs)

  await reader.call('begin')
  const took = await stopwatch({ server, reader })
  const { count: deliveries, bytes, ...times } = await write(updates, everyMs)
  const busy = await took(deliveries)
  const count = subscriptions(plan)
  if (deliveries !== count * updates) {
    throw new Error(`${deliveries} updates came, not ${count * updates}`)
  }
  return {
    ...{ subscriptions: count, deliveries, liveMs, readerOpenMs, ...times, ...busy },
    bytesEach: bytes / deliveries,
    serverMegabytes: (await residentBytes(server.pid)) / 1e6,
    readerMegabytes: (await residentBytes(reader.pid)) / 1e6,
    serverKilobytesEach: ((await held(server)) - heldBefore.server) / 1000 / count,
    readerKilobytesEach: ((await held(reader)) - heldBefore.reader) / 1000 / count,
  }
}

type Received = Delivered & { bytes: number } & Partial<ClientDelivered>

/** Tells, later, what processor time was taken since: of a core, and for each of so many deliveries. */
async function stopwatch({
  server,
  reader,
}: Omit<Cast, 'writer'>): Promise<(deliveries: number) => Promise<Figures>> {
  const now = async (): Promise<[number, number, number]> => [
    await processorUs(server.pid),
    await processorUs(reader.pid),
    performance.now() * 1000,
  ]
  const before = await now()
  return async (deliveries) => {
    const after = await now()
    const [serverUs, readerUs, us] = after.map((value, i) => value - before[i]!)
    // At the end nothing was done any more.
    const worked = us! - MOMENT_MS * 1000
    return {
      serverUs: serverUs! / deliveries,
      serverPercent: (serverUs! / worked) * 100,
      readerUs: readerUs! / deliveries,
      readerPercent: (readerUs! / worked) * 100,
    }
  }
}

/** Bytes that a process holds on to. */
async function held(child: Child): Promise<number> {
  await child.call('collect')
  return residentBytes(child.pid)
}

/** What a process has open besides the connections of readers. */
const SPARE_FILES = 200

/** As many clients as the server may have sockets for. */
async function fitted({ way, plan }: Load, pid: number): Promise<Plan> {
  const isEach = way === 'http1' || way === 'stream'
  const sockets = (await openFilesLimit(pid)) - SPARE_FILES
  const most = Math.floor(sockets / (isEach ? plan.perClient : 1))
  return { ...plan, clients: Math.min(plan.clients, most) }
}

function profiling({ folder, name }: { folder: string; name: string }): string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name}.cpuprofile`]
}
