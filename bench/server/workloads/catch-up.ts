import { connect } from '../../harness/connection.ts'
import { messageBatch } from '../../harness/message.ts'
import { appendLoop } from '../load/append-loop.ts'
import { createStream, download } from '../load/stream.ts'
import { verifyStored } from '../load/verify.ts'
import { BARE, OURS, PEER } from '../subjects.ts'
import { atLeast, measured, ratio } from '../../harness/values.ts'
import type { Round, Workload } from '../workload.ts'

const AT_LEAST_MS = 1500

/** 50 MB, appended one by one; the bare server is given the same bytes as one file. */
async function prepare({ url, subject, quick }: Round): Promise<string> {
  const messages = quick ? 50_000 : 500_000
  const stream = `${url}/history`
  if (subject.server === 'bare') {
    await createStream(stream, messageBatch(0, 0, messages))
  } else {
    await createStream(stream)
    await appendLoop(stream, { connections: 64, messages })
    await verifyStored(stream, messages)
  }
  return stream
}

export const catchUp: Workload = {
  name: 'catch-up',
  subjects: [OURS, BARE, PEER],
  prepare,
  async measure({ prepared }) {
    const stream = prepared as string
    const connection = await connect(stream)
    await download(stream, connection)
    const began = performance.now()
    let bytes = 0
    while (performance.now() - began < AT_LEAST_MS) bytes += await download(stream, connection)
    const seconds = (performance.now() - began) / 1000
    connection.close()
    return { megabytesPerSecond: bytes / 1e6 / seconds }
  },
  rows: ({ ours, bare, peer }) => [
    {
      workload: 'catch-up of 50 MB appended one by one, memory',
      ours: measured(ours, 'megabytesPerSecond', 'MB/s'),
      limit: measured(bare, 'megabytesPerSecond', 'MB/s'),
      limitIs: 'bare node:http, the same bytes as one buffer',
      peer: measured(peer, 'megabytesPerSecond', 'MB/s'),
      target: '≥ 0.5 of the limit',
      met: atLeast(ratio(ours?.['megabytesPerSecond'], bare?.['megabytesPerSecond']), 0.5),
    },
  ],
}
