import { residentBytes } from '../../harness/process-usage.ts'
import { longPollReaders } from '../load/live-readers.ts'
import { writePaced } from '../load/paced-writer.ts'
import { createStream } from '../load/stream.ts'
import { OURS, PEER } from '../subjects.ts'
import { all, atMost, measured } from '../values.ts'
import type { Workload } from '../workload.ts'

const SETTLE_MS = 1500

export const idleLongPolls: Workload = {
  name: 'idle-long-polls',
  subjects: [OURS, PEER],
  freshServer: true,
  async measure({ url, pid, quick }) {
    const count = quick ? 2_000 : 10_000
    const stream = `${url}/quiet`
    await createStream(stream)
    const before = await residentBytes(pid)
    const readers = await longPollReaders(stream, count, '-1')
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS))
    const kilobytesEach = ((await residentBytes(pid)) - before) / 1000 / count
    const began = performance.now()
    await writePaced(stream, { count: 1, everyMs: 1, maxMs: 10_000 })
    const isComplete = await readers.received(1, 10_000)
    const wokenMs = isComplete ? performance.now() - began : Infinity
    readers.close()
    return { kilobytesEach, wokenMs }
  },
  rows: ({ ours, peer }) => [
    {
      workload: '10,000 idle long-polls',
      ours: measured(
        ours,
        'kilobytesEach',
        'KB',
        ours && `all woken in ${ours['wokenMs']!.toFixed(0)} ms`,
      ),
      peer: measured(
        peer,
        'kilobytesEach',
        'KB',
        peer && `all woken in ${peer['wokenMs']!.toFixed(0)} ms`,
      ),
      target: '≤ 12 KB each, all woken within 1 s',
      met: all(atMost(ours?.['kilobytesEach'], 12), atMost(ours?.['wokenMs'], 1000)),
    },
  ],
}
