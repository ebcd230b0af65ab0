import type { Columns } from '../comparison-table.ts'
import type { Plan } from '../load/plan.ts'
import type { Load } from '../stage.ts'
import type { Workload } from '../workload.ts'
import { delivered, delivery, figure, row, serverTime } from './rows.ts'

export const SERVER_COLUMNS: Columns = {
  multiplexed: 'one request for all',
  http1: 'HTTP/1.1, a connection each',
  http2: 'HTTP/2, a request each',
  peer: 'the peer, HTTP/1.1',
}

const SERVED: Readonly<Record<string, Pick<Load, 'server' | 'way'>>> = {
  multiplexed: { server: 'ours', way: 'multiplexed' },
  http1: { server: 'ours', way: 'http1' },
  http2: { server: 'http2', way: 'http2' },
  peer: { server: 'peer', way: 'http1' },
}

/** One client that follows so many streams, each of which gets an update each second. */
function onePage(streams: number): Workload {
  return {
    name: `streams-${streams}`,
    subjects: Object.keys(SERVER_COLUMNS),
    load: (subject, quick) => ({
      ...SERVED[subject]!,
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
      row('delivery, p99', medians, delivery),
      row('server, processor time per delivery, its append included', medians, serverTime),
      row('server, memory', medians, figure('serverMegabytes', 'MB')),
      ...(streams < 100
        ? []
        : [row('server, memory for each stream', medians, figure('serverKilobytesEach', 'KB'))]),
      row('bytes per delivery of 100', medians, figure('bytesEach', 'B')),
    ],
  }
}

/** A thousand clients with twenty streams each. */
function crowd(
  name: string,
  title: string,
  streams: number,
  load: Pick<Load, 'everyMs'>,
): Workload {
  const plan: Plan = { streams, clients: 1000, perClient: 20 }
  const seconds = 10_000
  return {
    name,
    subjects: Object.keys(SERVER_COLUMNS),
    load: (subject, quick) => ({
      ...SERVED[subject]!,
      ...load,
      plan,
      updates: Math.max(1, Math.floor((quick ? 3_000 : seconds) / load.everyMs)),
    }),
    rows: (medians) => [
      row(`${title}: subscriptions`, medians, figure('subscriptions', '')),
      row('updates delivered', medians, delivered),
      row('all live after', medians, figure('liveMs', 'ms')),
      row('delivery, p99', medians, delivery),
      row('server, processor time per delivery, appends included', medians, serverTime),
      row('server, memory', medians, figure('serverMegabytes', 'MB')),
      row('server, memory for each subscription', medians, figure('serverKilobytesEach', 'KB')),
      row('bytes per delivery of 100', medians, figure('bytesEach', 'B')),
    ],
  }
}

export const SERVER_WORKLOADS: readonly Workload[] = [
  onePage(1),
  onePage(10),
  onePage(100),
  onePage(1000),
  crowd('clients-1000', '1,000 clients with 20 streams of 1,000, an update each second', 1000, {
    everyMs: 1000,
  }),
  crowd(
    'clients-1000-own',
    '1,000 clients with 20 streams of their own, an update each 10 s',
    20_000,
    {
      everyMs: 10_000,
    },
  ),
]
