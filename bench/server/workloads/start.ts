import { createStream, fill, tailOf } from '../load/stream.ts'
import { BARE, OURS_DURABLE, PEER_DURABLE } from '../subjects.ts'
import { atMost, measured } from '../../harness/values.ts'
import type { Workload } from '../workload.ts'

export const start: Workload = {
  name: 'start',
  subjects: [OURS_DURABLE, PEER_DURABLE, BARE],
  freshServer: true,
  async prepare({ url, quick, subject }) {
    const stream = `${url}/stored`
    if (subject.server === 'bare') return undefined
    await createStream(stream)
    await fill(stream, quick ? 100_000 : 1_000_000)
    return { path: new URL(stream).pathname, tail: await tailOf(stream) }
  },
  async measure({ url, prepared, startedAfterMs }) {
    const began = performance.now()
    const { path, tail } = (prepared ?? {}) as { path?: string; tail?: string }
    const found = await tailOf(path === undefined ? `${url}/stored` : new URL(path, url).href)
    if (tail !== undefined && found !== tail) throw new Error(`The tail was ${tail}, now ${found}`)
    return { ms: startedAfterMs + performance.now() - began }
  },
  rows: ({ oursDurable, peerDurable, bare }) => [
    {
      workload: 'start with 1,000,000 stored messages: from the start of the process to an answer',
      ours: measured(oursDurable, 'ms', 'ms'),
      limit: measured(bare, 'ms', 'ms'),
      limitIs: 'bare node:http, nothing stored',
      peer: measured(peerDurable, 'ms', 'ms'),
      target: '≤ 100 ms',
      met: atMost(oursDurable?.['ms'], 100),
    },
  ],
}
