import { type Connection, connect } from '../../harness/connection.ts'
import type { Figures, Row } from '../../harness/row.ts'
import { percentile } from '../../harness/statistics.ts'
import { atMost, measured, ratio, show } from '../../harness/values.ts'
import { writeRequest } from '../../server/load/request.ts'
import { createStream } from '../../server/load/stream.ts'
import { eventAt } from '../data.ts'
import { SUBJECTS } from '../subjects/index.ts'
import type { Workload } from '../workload.ts'

const STORED_ROWS = 1_000
const BURST = 5_000
/** Writers of a burst in many appends. */
const WRITERS = 8

function bodyOf(path: string, from: number, count: number): Buffer {
  return Buffer.from(
    JSON.stringify(Array.from({ length: count }, (_, i) => eventAt(path, from + i))),
  )
}

async function append(writer: Connection, url: string, body: Buffer): Promise<void> {
  const { status } = await writer.ask(writeRequest('POST', url, body))
  if (status >= 300) throw new Error(`POST ${url} was answered with ${status}`)
}

/** Each update waits for the last to show. The first quarter warms up and does not count. */
export const live: Workload = {
  name: 'live',
  server: 'streams',
  hasOwnPath: true,
  subjects: ['ours', 'peer'],
  rounds: 5,
  async measure({ subject, url, quick }) {
    const updates = quick ? 400 : 2_000
    const path = `/updates/${STORED_ROWS + updates}/${STORED_ROWS}`
    await createStream(url, bodyOf(path, 0, STORED_ROWS))
    const writer = await connect(url)
    const latenciesMs: number[] = []
    let awaited = -1
    let arrived: (() => void) | undefined
    const watcher = SUBJECTS[subject].watch(url, (rows) => {
      if (rows.some(({ age }) => age === awaited)) arrived?.()
    })
    await watcher.ready
    for (let number = STORED_ROWS; number < STORED_ROWS + updates; number++) {
      const body = bodyOf(path, number, 1)
      awaited = number
      const shown = new Promise<void>((resolve) => (arrived = resolve))
      const began = performance.now()
      const stored = append(writer, url, body)
      await shown
      latenciesMs.push(performance.now() - began)
      await stored
    }
    if (watcher.size !== STORED_ROWS) throw new Error(`${watcher.size} rows show`)
    watcher.stop()
    writer.close()
    const counted = latenciesMs.slice(updates >> 2)
    return { p50Ms: percentile(counted, 0.5), p99Ms: percentile(counted, 0.99) }
  },
  rows({ ours, peer }) {
    const p50 = (figures: Figures | undefined): Row['ours'] =>
      measured(figures, 'p50Ms', 'ms', `p99 ${show(figures?.['p99Ms'] ?? NaN)} ms`)
    return [
      {
        workload: 'append to the callback of a live query over 1,000 rows (p50)',
        ours: p50(ours),
        peer: p50(peer),
        target: 'p50 not above the peer',
        met: atMost(ratio(ours?.['p50Ms'], peer?.['p50Ms']), 1),
      },
    ]
  },
}

function burst(name: string, title: string, perAppend: number): Workload {
  return {
    name,
    server: 'streams',
    hasOwnPath: true,
    subjects: ['ours', 'peer'],
    rounds: 5,
    async measure({ subject, url }) {
      const path = `/inserts/${2 * BURST}/random`
      await createStream(url)
      const writers = await Promise.all(Array.from({ length: WRITERS }, () => connect(url)))
      let whenShown: (() => void) | undefined
      let awaited = 0
      const watcher = SUBJECTS[subject].watch(url, () => {
        if (watcher.size === awaited) whenShown?.()
      })
      await watcher.ready
      let ms = NaN
      // The first warms up.
      for (const from of [0, BURST]) {
        awaited = from + BURST
        const bodies = Array.from({ length: BURST / perAppend }, (_, i) =>
          bodyOf(path, from + i * perAppend, perAppend),
        )
        const shown = new Promise<void>((resolve) => (whenShown = resolve))
        const began = performance.now()
        const stored = writers.map(async (writer) => {
          for (let body; (body = bodies.pop()); ) await append(writer, url, body)
        })
        await shown
        ms = performance.now() - began
        await Promise.all(stored)
      }
      watcher.stop()
      for (const writer of writers) writer.close()
      return { ms }
    },
    rows: ({ ours, peer }) => [
      {
        workload: title,
        ours: measured(ours, 'ms', 'ms'),
        peer: measured(peer, 'ms', 'ms'),
        target: 'not above the peer',
        met: atMost(ratio(ours?.['ms'], peer?.['ms']), 1),
      },
    ],
  }
}

export const bursts: readonly Workload[] = [
  burst('burst', '5,000 events in one append, until a live query shows them all', BURST),
  burst('burst-appends', '5,000 appends of one event by 8 writers, the same', 1),
]
