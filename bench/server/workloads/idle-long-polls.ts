import { openFilesLimit, residentBytes } from '../../harness/process-usage.ts'
import { longPollReaders } from '../load/live-readers.ts'
import { writePaced } from '../load/paced-writer.ts'
import { createStream } from '../load/stream.ts'
import { BARE, OURS, PEER } from '../subjects.ts'
import { all, atMost, measured, show } from '../../harness/values.ts'
import type { Figures, Value, Workload } from '../workload.ts'

const SETTLE_MS = 1500

/** What a process has open besides. */
const SPARE_FILES = 200

async function assertSockets(pid: number, count: number): Promise<void> {
  const limit = await openFilesLimit(pid)
  if (limit >= count + SPARE_FILES) return
  throw new Error(`${limit} sockets are too few for ${count} long-polls: raise \`ulimit -n\``)
}

function idle(figures: Figures | undefined): Value | undefined {
  const wokenMs = figures?.['wokenMs'] ?? NaN
  return measured(figures, 'kilobytesEach', 'KB', `all woken in ${show(wokenMs)} ms`)
}

export const idleLongPolls: Workload = {
  name: 'idle-long-polls',
  subjects: [OURS, BARE, PEER],
  freshServer: true,
  async measure({ url, pid, quick }) {
    const count = quick ? 2_000 : 10_000
    await assertSockets(pid, count)
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
  rows: ({ ours, bare, peer }) => [
    {
      workload: '10,000 idle long-polls',
      ours: idle(ours),
      limit: idle(bare),
      limitIs: 'bare node:http',
      peer: idle(peer),
      target: '≤ 12 KB each, all woken within 1 s',
      met: all(atMost(ours?.['kilobytesEach'], 12), atMost(ours?.['wokenMs'], 1000)),
    },
  ],
}
