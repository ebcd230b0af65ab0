import { appendLoop } from '../load/append-loop.ts'
import { sseReaders } from '../load/live-readers.ts'
import { createStream } from '../load/stream.ts'
import { OURS, PEER } from '../subjects.ts'
import { all, atLeast, atMost, measured, ratio } from '../../harness/values.ts'
import type { Figures, Round, Workload } from '../workload.ts'

/** A reader that keeps up has the last message so soon after its writer knows that it is stored. */
const KEEPS_UP_MS = 100

async function measure(round: Round): Promise<Figures> {
  const messages = round.quick ? 10_000 : 40_000
  const load = { connections: 64, messages, ms: round.quick ? 6_000 : 15_000 }
  await appendLoop(await made(`${round.url}/warm-up`), { ...load, messages: 10_000 })
  const unread = await appendLoop(await made(`${round.url}/unread`), load)

  const url = await made(`${round.url}/read`)
  const readers = await sseReaders(url, 1, '-1')
  const read = await appendLoop(url, load)
  const acknowledgedAt = performance.now()
  const isComplete = await readers.received(read.acknowledged, 10_000)
  const lagMs = isComplete ? performance.now() - acknowledgedAt : Infinity
  readers.close()
  if (!isComplete && round.subject.server === 'ours') {
    throw new Error(`Of ${read.acknowledged} messages, the reader had ${readers.counts[0]}`)
  }
  return { unread: unread.perSecond, read: read.perSecond, lagMs }
}

async function made(url: string): Promise<string> {
  await createStream(url)
  return url
}

export const appendFollowed: Workload = {
  name: 'append-followed',
  subjects: [OURS, PEER],
  measure,
  rows: ({ ours, peer }) => [
    {
      workload: 'append by 64 connections while one SSE reader follows, up to 40,000 messages',
      ours: measured(ours, 'read', '/s', ours && `reader ${ours['lagMs']!.toFixed(0)} ms behind`),
      limit: measured(ours, 'unread', '/s'),
      limitIs: 'ours, unread',
      peer: measured(peer, 'read', '/s'),
      target: `≥ 0.8 of unread, the reader ≤ ${KEEPS_UP_MS} ms behind`,
      met: all(
        atLeast(ratio(ours?.['read'], ours?.['unread']), 0.8),
        atMost(ours?.['lagMs'], KEEPS_UP_MS),
      ),
    },
  ],
}
