import { atLeast, all, atMost, measured, ratio } from '../../harness/values.ts'
import { verifyRows } from '../data.ts'
import { measureMemory } from '../memory.ts'
import { SUBJECTS } from '../subjects/index.ts'
import { sized, type Workload } from '../workload.ts'
import { warmUp } from './preload.ts'

export const updates: Workload = {
  name: 'updates',
  server: 'pages',
  subjects: ['limit', 'ours', 'peer'],
  rounds: 3,
  async measure(round) {
    const path = `/updates/${sized(1_000_000, round)}/1000`
    await warmUp(round, path, 'fold')
    const [began, used] = [performance.now(), process.cpuUsage()]
    const { rows } = await SUBJECTS[round.subject].fold(`${round.url}${path}`)
    const seconds = (performance.now() - began) / 1000
    const { user } = process.cpuUsage(used)
    const memory = measureMemory()
    verifyRows(path, rows)
    return { seconds, cpuSeconds: user / 1e6, ...memory }
  },
  rows({ ours, limit, peer }) {
    const [own, least, other] = [ours?.['seconds'], limit?.['seconds'], peer?.['seconds']]
    return [
      {
        workload: '1,000,000 updates of 1,000 rows',
        ours: measured(ours, 'seconds', 's'),
        limit: measured(limit, 'seconds', 's'),
        limitIs: 'fetch + JSON.parse + Map.set',
        peer: measured(peer, 'seconds', 's'),
        target: '≤ 1.3 of the limit, a quarter of the peer',
        met: all(atMost(ratio(own, least), 1.3), atLeast(ratio(other, own), 4)),
      },
      {
        workload: 'the same: most memory held',
        ours: measured(ours, 'peakMegabytes', 'MB'),
        limit: measured(limit, 'peakMegabytes', 'MB'),
        limitIs: 'fetch + JSON.parse + Map.set',
        peer: measured(peer, 'peakMegabytes', 'MB'),
        target: 'not above the peer',
        met: atMost(ratio(ours?.['peakMegabytes'], peer?.['peakMegabytes']), 1),
      },
    ]
  },
}
