import type { Columns } from '../comparison-table.ts'
import type { Workload } from '../workload.ts'
import { clientTime, delivery, figure, row } from './rows.ts'

export const CLIENT_COLUMNS: Columns = {
  page: "`connection: 'page'`",
  stream: "`connection: 'stream'`",
}

/** Our client follows so many streams in one process. */
function realClient(streams: number): Workload {
  return {
    name: `client-${streams}`,
    subjects: Object.keys(CLIENT_COLUMNS),
    mayFail: [],
    load: (subject, quick) => ({
      server: 'ours',
      way: subject as 'page' | 'stream',
      plan: { streams, clients: 1, perClient: streams },
      updates: quick ? 2 : 5,
      everyMs: 1000,
    }),
    rows: (medians) => [
      row(
        `${streams.toLocaleString('en')} stream${streams > 1 ? 's' : ''}: all live after`,
        medians,
        figure('liveMs', 'ms'),
      ),
      row('the same: client, processor time until then', medians, figure('readerOpenMs', 'ms')),
      row('the same: client, requests until then', medians, figure('requests', '')),
      row('the same: client, connections that it holds', medians, figure('connections', '')),
      row('the same: delivery, p99', medians, delivery),
      row('the same: client, processor time per delivery', medians, clientTime),
      row('the same: client, memory', medians, figure('readerMegabytes', 'MB')),
      ...(streams < 100
        ? []
        : [
            row(
              'the same: client, memory for each stream',
              medians,
              figure('readerKilobytesEach', 'KB'),
            ),
          ]),
    ],
  }
}

export const CLIENT_WORKLOADS: readonly Workload[] = [1, 100, 1000].map(realClient)
