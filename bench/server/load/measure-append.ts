import { processorSeconds } from '../../harness/process-usage.ts'
import { percentile } from '../../harness/statistics.ts'
import { appendLoop, type AppendLoad } from './append-loop.ts'
import { createStream } from './stream.ts'
import { verifyStored } from './verify.ts'
import type { Figures, Round } from '../workload.ts'

/**
 * Appends to a new stream for a while, then reads back that every acknowledged message is there.
 *
 * `processorUs` is the server's processor time per append, which other work on the machine disturbs
 * less than the rate.
 */
export async function measureAppend(round: Round, load: AppendLoad): Promise<Figures> {
  const url = `${round.url}/append`
  await createStream(url)
  const before = await processorSeconds(round.pid)
  const { perSecond, acknowledged, latenciesMs } = await appendLoop(url, load)
  const processorUs = (((await processorSeconds(round.pid)) - before) * 1e6) / acknowledged
  if (round.subject.server !== 'bare') await verifyStored(url, acknowledged)
  return { perSecond, p99Ms: percentile(latenciesMs, 0.99), processorUs }
}
