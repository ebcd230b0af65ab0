import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { filePersistence } from '../../../src/state/persistence/file/index.ts'
import type { Figures, Row } from '../../harness/row.ts'
import { all, atMost, measured, ratio } from '../../harness/values.ts'
import { verifyRows } from '../data.ts'
import { visit } from '../subjects/visit.ts'
import { sized, type Workload } from '../workload.ts'

export const ROWS = 100_000

export async function sentBytes(url: string): Promise<number> {
  return Number(await (await fetch(`${url}/sent`)).text())
}

export function visitRow(where: string, ours: Figures | undefined): Row {
  return {
    workload: `second visit, 100,000 rows, ${where}`,
    ours: measured(ours, 'seconds', 's', `${ours?.['bytes'] ?? NaN} bytes read again`),
    limit: measured(ours, 'firstSeconds', 's'),
    limitIs: 'the first visit',
    target: '≤ 0.3 of the first, nothing read again',
    met: all(
      atMost(ratio(ours?.['seconds'], ours?.['firstSeconds']), 0.3),
      atMost(ours?.['bytes'], 0),
    ),
  }
}

export const secondVisit: Workload = {
  name: 'second-visit',
  server: 'pages',
  subjects: ['ours'],
  rounds: 3,
  async measure(round) {
    const path = `/inserts/${sized(ROWS, round)}/random`
    await fetch(`${round.url}${path}`, { method: 'HEAD' })
    const folder = await mkdtemp(join(tmpdir(), 'streamwell-bench-'))
    const seconds: number[] = []
    let bytes = NaN
    try {
      // The first two warm up.
      for (const name of ['a', 'a', 'b', 'b']) {
        const persistence = filePersistence({ folder: join(folder, name) })
        const sentBefore = await sentBytes(round.url)
        const began = performance.now()
        const visited = await visit(`${round.url}${path}`, persistence)
        seconds.push((performance.now() - began) / 1000)
        verifyRows(path, visited.rows)
        await visited.leave()
        bytes = (await sentBytes(round.url)) - sentBefore
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
    return { seconds: seconds[3]!, firstSeconds: seconds[2]!, bytes }
  },
  rows: ({ ours }) => [visitRow('in files, Node', ours)],
}
