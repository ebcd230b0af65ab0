import type { Contest, Round as RoundOf } from '../harness/contest.ts'
import type { Figures, Medians, Row } from '../harness/row.ts'
import { median } from '../harness/statistics.ts'
import { all, atMost, measured, ratio, show } from '../harness/values.ts'
import { probeEventLoop } from '../state/event-loop.ts'
import { type App, type AppName, APPS, eventAt, verify } from './actions.ts'
import { openSubject, type SubjectName } from './subjects.ts'

export type Round = RoundOf<SubjectName>

interface Workload extends Contest<SubjectName> {
  server: 'streams'
  /** Runs in a process of its own; must throw when the state is wrong. */
  measure(round: Round): Promise<Figures>
}

const EVENTS = 100_000
const PER_APPEND = 5_000

const LIMIT_IS = 'fetch + JSON.parse + the reducer'

async function write(url: string, from: number, count: number): Promise<void> {
  const events = Array.from({ length: count }, (_, i) => eventAt(from + i))
  const headers = { 'content-type': 'application/json' }
  const { ok } = await fetch(url, { method: 'POST', headers, body: JSON.stringify(events) })
  if (!ok) throw new Error(`${url} did not take ${count} events`)
}

async function writeStream(url: string, count: number): Promise<void> {
  await fetch(url, { method: 'PUT', headers: { 'content-type': 'application/json' } })
  for (let from = 0; from < count; from += PER_APPEND) await write(url, from, PER_APPEND)
}

interface Server {
  /** Resolves with the milliseconds that it took. */
  load: (url: string, count: number, onLoaded?: () => void) => Promise<number>
  /** How many requests it has sent. */
  asked: () => number
}

function startServer(subject: SubjectName, app: AppName): Server {
  let asked = 0
  const page = openSubject(subject, (input, init) => {
    asked++
    return fetch(input, init)
  })
  return {
    asked: () => asked,
    async load(url, count, onLoaded) {
      const began = performance.now()
      const state = await page(url, APPS[app] as App)
      const ms = performance.now() - began
      onLoaded?.()
      verify(app, state, count)
      return ms
    },
  }
}

async function measure(app: AppName, { url, subject, quick }: Round): Promise<Figures> {
  const count = quick ? EVENTS / 10 : EVENTS
  await writeStream(url, count)
  await writeStream(`${url}-small`, 2 * PER_APPEND)
  // Has the code compiled, and knows nothing of the other stream.
  await startServer(subject, app).load(`${url}-small`, 2 * PER_APPEND)

  const server = startServer(subject, app)
  const probe = probeEventLoop()
  let blockMs = NaN
  const firstMs = await server.load(url, count, () => (blockMs = probe.longestMs()))
  probe.stop()
  const again: number[] = []
  for (let n = 0; n < (subject === 'ours' ? 50 : 1); n++) again.push(await server.load(url, count))
  const withNew: number[] = []
  for (let n = 1; n <= (subject === 'ours' ? 20 : 1); n++) {
    await write(url, count + 10 * (n - 1), 10)
    withNew.push(await server.load(url, count + 10 * n))
  }
  return { firstMs, blockMs, againMs: median(again), newMs: median(withNew) }
}

/** A hundred requests on a server that has just started. */
async function measureTogether(app: AppName, { url, subject, quick }: Round): Promise<Figures> {
  const count = quick ? EVENTS / 10 : EVENTS
  await writeStream(url, count)
  await startServer(subject, app).load(url, count)
  const alone = startServer(subject, app)
  const aloneMs = await alone.load(url, count)
  const crowded = startServer(subject, app)
  const began = performance.now()
  await Promise.all(Array.from({ length: 100 }, () => crowded.load(url, count)))
  const ms = performance.now() - began
  return { ms, aloneMs, requests: crowded.asked(), requestsAlone: alone.asked() }
}

function pageLoad(app: AppName): Workload {
  const { title } = APPS[app]
  return {
    name: app,
    server: 'streams',
    subjects: ['limit', 'ours', 'peer'],
    rounds: 3,
    hasOwnPath: true,
    measure: (round) => measure(app, round),
    rows: (medians) => [
      firstRow(title, medians),
      againRow('the same: again, nothing new', 'againMs', medians),
      againRow('the same: again, 10 new actions', 'newMs', medians),
      {
        workload: 'the same: longest block of the event loop, first request',
        ours: measured(medians.ours, 'blockMs', 'ms'),
        limit: measured(medians.limit, 'blockMs', 'ms'),
        limitIs: LIMIT_IS,
        peer: measured(medians.peer, 'blockMs', 'ms'),
        target: '≤ 50 ms',
        met: atMost(medians.ours?.['blockMs'], 50),
      },
    ],
  }
}

function firstRow(title: string, { ours, limit, peer }: Medians): Row {
  return {
    workload: `page with ${title} of 100,000 actions, first request`,
    ours: measured(ours, 'firstMs', 'ms'),
    limit: measured(limit, 'firstMs', 'ms'),
    limitIs: LIMIT_IS,
    peer: measured(peer, 'firstMs', 'ms'),
    target: '≤ 1.5 of the limit',
    met: atMost(ratio(ours?.['firstMs'], limit?.['firstMs']), 1.5),
  }
}

function againRow(workload: string, name: string, { ours, peer }: Medians): Row {
  const times = ratio(ours?.['firstMs'], ours?.[name])
  return {
    workload,
    ours: measured(
      ours,
      name,
      'ms',
      times === undefined ? undefined : `${show(times)} times faster`,
    ),
    limit: measured(ours, 'firstMs', 'ms'),
    limitIs: 'our first request',
    peer: measured(peer, name, 'ms'),
    target: 'at least 50 times faster than the first',
    met: atMost(ratio(ours?.[name], ours?.['firstMs']), 1 / 50),
  }
}

const together: Workload = {
  name: 'together',
  server: 'streams',
  subjects: ['ours'],
  rounds: 3,
  hasOwnPath: true,
  measure: (round) => measureTogether('board', round),
  rows: ({ ours }) => {
    const { requests = NaN, requestsAlone = NaN } = ours ?? {}
    return [
      {
        workload: '100 first requests at once, a board of 20 cards',
        ours: measured(ours, 'ms', 'ms', `${requests} requests to the stream`),
        limit: measured(ours, 'aloneMs', 'ms', `${requestsAlone} requests`),
        limitIs: 'one alone',
        target: 'the requests of one alone',
        met: all(atMost(requests, requestsAlone)),
      },
    ]
  },
}

export const WORKLOADS: readonly Workload[] = [pageLoad('total'), pageLoad('board'), together]
