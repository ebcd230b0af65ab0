import type { Medians, Row } from '../../harness/row.ts'
import { atMost, measured, ratio, show } from '../../harness/values.ts'
import { type KeyOrder, verifyRows } from '../data.ts'
import { probeEventLoop } from '../event-loop.ts'
import { measureMemory } from '../memory.ts'
import { SUBJECTS, type SubjectName } from '../subjects/index.ts'
import type { Loaded } from '../subject.ts'
import { type Round, sized, type Workload } from '../workload.ts'

const LIMIT_IS = 'fetch + JSON.parse + one TanStack commit'

/** Has the server make the stream, and the code of the subject compiled. */
export async function warmUp(
  { url, subject }: Round,
  path: string,
  how: 'preload' | 'fold',
): Promise<void> {
  await fetch(`${url}${path}`, { method: 'HEAD' })
  const small = how === 'preload' ? '/inserts/5000/ordered' : '/updates/20000/1000'
  const loaded = await SUBJECTS[subject][how](`${url}${small}`)
  verifyRows(small, loaded.rows)
  loaded.close()
}

export function preload(
  name: string,
  count: number,
  order: KeyOrder,
  rounds: number,
  subjects: readonly SubjectName[] = ['limit', 'ours', 'peer'],
): Workload {
  const title = `preload of ${count.toLocaleString('en')} inserts, ${order} keys`
  return {
    name,
    server: 'pages',
    subjects,
    rounds,
    async measure(round) {
      const path = `/inserts/${sized(count, round)}/${order}`
      await warmUp(round, path, 'preload')
      const probe = probeEventLoop()
      const [began, used] = [performance.now(), process.cpuUsage()]
      const loaded: Loaded = await SUBJECTS[round.subject].preload(`${round.url}${path}`)
      const seconds = (performance.now() - began) / 1000
      const { user } = process.cpuUsage(used)
      const blockMs = probe.longestMs()
      probe.stop()
      const memory = measureMemory()
      verifyRows(path, loaded.rows)
      const { floorMs } = loaded
      return {
        seconds,
        cpuSeconds: user / 1e6,
        blockMs,
        ...memory,
        ...(floorMs !== undefined && { floorSeconds: floorMs / 1000 }),
      }
    },
    rows: (medians) => [timeRow(title, medians), ...(count >= 100_000 ? others(medians) : [])],
  }
}

function timeRow(workload: string, { ours, limit, peer }: Medians): Row {
  const floor = limit?.['floorSeconds']
  return {
    workload,
    ours: measured(ours, 'seconds', 's'),
    limit: measured(
      limit,
      'seconds',
      's',
      floor === undefined ? undefined : `the commit alone ${show(floor)} s`,
    ),
    limitIs: LIMIT_IS,
    peer: measured(peer, 'seconds', 's'),
    target: '≤ 1.25 of the limit',
    met: atMost(ratio(ours?.['seconds'], limit?.['seconds']), 1.25),
  }
}

function others({ ours, limit, peer }: Medians): Row[] {
  const row = (workload: string, name: string, unit: string): Row => ({
    workload: `the same: ${workload}`,
    ours: measured(ours, name, unit),
    limit: measured(limit, name, unit),
    limitIs: LIMIT_IS,
    peer: measured(peer, name, unit),
    target: 'not above the peer',
    met: atMost(ratio(ours?.[name], peer?.[name]), 1),
  })
  return [
    row('heap afterwards', 'heapMegabytes', 'MB'),
    row('most memory held', 'peakMegabytes', 'MB'),
    row('longest block of the event loop', 'blockMs', 'ms'),
  ]
}
