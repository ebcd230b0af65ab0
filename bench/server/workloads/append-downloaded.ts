import { startChild } from '../../harness/child.ts'
import { appendLoop } from '../load/append-loop.ts'
import { createStream, fill } from '../load/stream.ts'
import { verifyStored } from '../load/verify.ts'
import { OURS, PEER } from '../subjects.ts'
import { atLeast, measured, ratio } from '../../harness/values.ts'
import type { Figures, Round, Workload } from '../workload.ts'

async function measure(round: Round): Promise<Figures> {
  const history = round.prepared as string
  const load = { connections: 4, ms: round.quick ? 2000 : 3000, warmUpMs: 500 }
  const undisturbed = await append('undisturbed')
  const disturbed = await append('disturbed', '')
  const compressed = await append('compressed', 'Accept-Encoding: gzip\r\n')
  return { undisturbed, disturbed, compressed }

  async function append(name: string, headers?: string): Promise<number> {
    const url = `${round.url}/${name}`
    await createStream(url)
    // A process of its own: the writer must not share its core's time with the reader.
    const downloader = headers === undefined ? undefined : startChild(process.argv[1]!)
    await downloader?.call('downloadForEver', { url: history, headers })
    const { perSecond, acknowledged } = await appendLoop(url, load)
    await downloader?.stop()
    await verifyStored(url, acknowledged)
    return perSecond
  }
}

export const appendDownloaded: Workload = {
  name: 'append-downloaded',
  subjects: [OURS, PEER],
  async prepare({ url, quick }) {
    const stream = `${url}/history`
    await createStream(stream)
    await fill(stream, quick ? 50_000 : 500_000)
    return stream
  },
  measure,
  rows({ ours, peer }) {
    const row = (workload: string, name: string): ReturnType<Workload['rows']>[number] => ({
      workload,
      ours: measured(ours, name, '/s'),
      limit: measured(ours, 'undisturbed', '/s'),
      limitIs: 'ours, undisturbed',
      peer: measured(peer, name, '/s'),
      target: '≥ 0.5 of undisturbed',
      met: atLeast(ratio(ours?.[name], ours?.['undisturbed']), 0.5),
    })
    return [
      row('append, 4 connections, while one reader downloads 50 MB again and again', 'disturbed'),
      row('the same, by a reader that accepts gzip', 'compressed'),
    ]
  },
}
