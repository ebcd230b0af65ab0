import { appendLoop, type AppendLoad } from '../load/append-loop.ts'
import { createStream, fill, fillTogether, tailOf } from '../load/stream.ts'
import { OURS, OURS_DURABLE } from '../subjects.ts'
import { atLeast, measured, ratio } from '../../harness/values.ts'
import type { Workload } from '../workload.ts'

/** A message and the two bytes that end it. */
const STORED_BYTES = 102

/** Reading ten million messages back would take longer than all else; our offsets count bytes. */
async function appendRate(url: string, load: AppendLoad): Promise<number> {
  const before = Number(await tailOf(url))
  const { perSecond, acknowledged } = await appendLoop(url, load)
  const grown = Number(await tailOf(url)) - before
  if (grown !== acknowledged * STORED_BYTES) throw new Error(`${url} grew by ${grown} bytes`)
  return perSecond
}

export const growth: Workload = {
  name: 'growth',
  subjects: [OURS, OURS_DURABLE],
  async prepare({ url, quick }) {
    const streams = { short: `${url}/short`, long: `${url}/long` }
    await createStream(streams.short)
    await fill(streams.short, 1_000, 100)
    await createStream(streams.long)
    await fillTogether(streams.long, quick ? 200_000 : 10_000_000, 100, 16)
    return streams
  },
  async measure({ prepared, quick }) {
    const { short, long } = prepared as { short: string; long: string }
    const load = { connections: 64, ms: quick ? 1500 : 2500, warmUpMs: 500 }
    return { first: await appendRate(short, load), last: await appendRate(long, load) }
  },
  rows({ ours, oursDurable }) {
    const row = (workload: string, figures: typeof ours): ReturnType<Workload['rows']>[number] => ({
      workload,
      ours: measured(figures, 'last', '/s'),
      limit: measured(figures, 'first', '/s'),
      limitIs: 'ours, after a thousand messages',
      target: 'falls by less than 10 %',
      met: atLeast(ratio(figures?.['last'], figures?.['first']), 0.9),
    })
    return [
      row('append after 10 million messages (stored by the hundred), memory', ours),
      row('the same, durable', oursDurable),
    ]
  },
}
