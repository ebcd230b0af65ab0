import type { Columns } from '../comparison-table.ts'
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
    mayFail: ['peer'],
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
      row('the same: delivery, p99', medians, delivery),
      row(
        'the same: server, processor time per delivery, its append included',
        medians,
        serverTime,
      ),
      row('the same: server, memory', medians, figure('serverMegabytes', 'MB')),
      ...(streams < 100
        ? []
        : [
            row(
              'the same: server, memory for each stream',
              medians,
              figure('serverKilobytesEach', 'KB'),
            ),
          ]),
      row('the same: bytes per delivery of 100', medians, figure('bytesEach', 'B')),
    ],
  }
}

interface Crowd extends Pick<Workload, 'name' | 'subjects'>, Pick<Load, 'everyMs'> {
  title: string
  streams: number
}

/** A thousand clients with twenty streams each, for ten seconds. */
function crowd({ name, subjects, title, streams, everyMs }: Crowd): Workload {
  return {
    name,
    subjects,
    mayFail: ['http1', 'http2', 'peer'],
    load: (subject, quick) => ({
      ...SERVED[subject]!,
      plan: { streams, clients: 1000, perClient: 20 },
      updates: Math.max(1, Math.floor((quick ? 3_000 : 10_000) / everyMs)),
      everyMs,
    }),
    rows: (medians) => [
      row(`${title}: subscriptions`, medians, figure('subscriptions', '')),
      row('the same: updates delivered', medians, delivered),
      row('the same: all live after', medians, figure('liveMs', 'ms')),
      row('the same: delivery, p99', medians, delivery),
      row('the same: server, processor time per delivery, appends included', medians, serverTime),
      row('the same: server, memory', medians, figure('serverMegabytes', 'MB')),
      row(
        'the same: server, memory for each subscription',
        medians,
        figure('serverKilobytesEach', 'KB'),
      ),
      row('the same: bytes per delivery of 100', medians, figure('bytesEach', 'B')),
    ],
  }
}

export const SERVER_WORKLOADS: readonly Workload[] = [
  ...[1, 10, 100, 1000].map(onePage),
  crowd({
    name: 'clients-1000',
    subjects: Object.keys(SERVER_COLUMNS),
    title: '1,000 clients with 20 streams of 1,000, an update each second',
    streams: 1000,
    everyMs: 1000,
  }),
  crowd({
    name: 'clients-1000-own',
    // Over a connection each, there are not enough sockets.
    subjects: ['multiplexed', 'http2'],
    title: '1,000 clients with 20 streams of their own, an update each 10 s',
    streams: 20_000,
    everyMs: 10_000,
  }),
]
