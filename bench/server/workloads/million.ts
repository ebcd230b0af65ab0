import { residentBytes } from '../../harness/process-usage.ts'
import { appendLoop } from '../load/append-loop.ts'
import { deliveryP50 } from '../load/measure-delivery.ts'
import { createStream } from '../load/stream.ts'
import { verifyStored } from '../load/verify.ts'
import { BARE, OURS, PEER } from '../subjects.ts'
import { all, atMost, measured, ratio } from '../../harness/values.ts'
import type { Figures, Round, Row, Workload } from '../workload.ts'

/** Each size is reached message by message, as servers may keep what came in one request as one. */
async function measure({ url, pid, quick, subject }: Round): Promise<Figures> {
  const figures: Figures = {}
  const isBare = subject.server === 'bare'
  const sizes = isBare ? { empty: 0 } : { million: 1_000_000, hundredThousand: 100_000, empty: 0 }
  for (const [size, count] of Object.entries(sizes)) {
    await createStream(`${url}/${size}`)
    if (count === 0) continue
    const messages = quick ? count / 10 : count
    // Writer 0 makes the deliveries.
    await appendLoop(`${url}/${size}`, { connections: 64, messages, firstWriter: 1 })
    if (size === 'million') figures['megabytes'] = (await residentBytes(pid)) / 1e6
    await verifyStored(`${url}/${size}`, messages)
  }
  await createStream(`${url}/warm-up`)
  await deliveryP50(`${url}/warm-up`, 1000)
  const deliveries = subject.server === 'peer' ? 100 : 1000
  for (const size of Object.keys(sizes)) {
    figures[size] = await deliveryP50(`${url}/${size}`, deliveries)
  }
  return figures
}

export const million: Workload = {
  name: 'million',
  apart: true,
  subjects: [OURS, PEER, BARE],
  freshServer: true,
  // The peer takes more than a minute to take so many.
  rounds: (subject) => (subject === PEER ? 1 : 3),
  measure,
  rows({ ours, bare, peer }) {
    const delivery = (workload: string, size: string): Row => ({
      workload,
      ours: measured(ours, size, 'ms'),
      limit: measured(bare, 'empty', 'ms'),
      limitIs: 'bare broadcast',
      peer: measured(peer, size, 'ms'),
      target: 'the same for all three (≤ 1.25 of empty), ≤ 1.5 ms',
      met: all(atMost(ours?.[size], 1.5), atMost(ratio(ours?.[size], ours?.['empty']), 1.25)),
    })
    return [
      delivery('append to delivery, one SSE reader, empty stream (p50)', 'empty'),
      delivery('the same, 100 thousand messages stored', 'hundredThousand'),
      delivery('the same, 1 million messages stored', 'million'),
      {
        workload: 'memory after 1,000,000 messages, appended one by one',
        ours: measured(ours, 'megabytes', 'MB'),
        peer: measured(peer, 'megabytes', 'MB'),
        target: '≤ 200 MB resident',
        met: atMost(ours?.['megabytes'], 200),
      },
    ]
  },
}
