import { percentile } from '../../harness/statistics.ts'
import { appendLoop, type AppendLoad } from './append-loop.ts'
import { createStream } from './stream.ts'
import { verifyStored } from './verify.ts'
import type { Figures, Round } from '../workload.ts'

/** Appends to a new stream for a while, then reads back that every acknowledged message is there. */
export async function measureAppend(round: Round, load: AppendLoad): Promise<Figures> {
  const url = `${round.url}/append`
  await createStream(url)
  const { perSecond, acknowledged, latenciesMs } = await appendLoop(url, load)
  if (round.subject.server !== 'bare') await verifyStored(url, acknowledged)
  return { perSecond, p99Ms: percentile(latenciesMs, 0.99) }
}
