import type { Figures, Medians, Row } from '../harness/row.ts'
import { all, atLeast, atMost, measured, rate, ratio, show } from '../harness/values.ts'
import { verifyStored } from '../server/load/verify.ts'
import { measureDelivery } from './delivery.ts'
import type { Reading } from './subject.ts'
import type { Round, SubjectName, Workload } from './workload.ts'

const SUBJECTS: readonly SubjectName[] = ['limit', 'ours', 'peer']

const PER_PAGE = 10_000

function perSecond(count: number, { ms, parsedMs, grownBytes }: Reading): Figures {
  return {
    perSecond: (count / ms) * 1000,
    ...(parsedMs !== undefined && { parsedPerSecond: (count / parsedMs) * 1000 }),
    ...(grownBytes !== undefined && { grownMegabytes: grownBytes / 1e6 }),
  }
}

/** Messages of a full run; a tenth for a look. */
function sized(count: number, { quick }: Round): number {
  return quick ? count / 10 : count
}

function rateRow({ ours, limit, peer }: Medians, row: Partial<Row>, share: number): Row {
  return {
    workload: '',
    ours: rate(ours),
    limit: rate(limit),
    peer: rate(peer),
    target: `≥ ${share} of the limit`,
    met: atLeast(ratio(ours?.['perSecond'], limit?.['perSecond']), share),
    ...row,
  }
}

const FETCH = 'fetch + JSON.parse'

const catchUp: Workload = {
  name: 'catch-up',
  server: 'pages',
  subjects: SUBJECTS,
  async measure({ catchUp }, round) {
    const count = sized(1_000_000, round)
    await catchUp(`${round.url}/pages/${PER_PAGE * 10}/${PER_PAGE}`, PER_PAGE * 10)
    return perSecond(count, await catchUp(`${round.url}/pages/${count}/${PER_PAGE}`, count))
  },
  rows(medians) {
    const row = rateRow(
      medians,
      {
        workload: 'catch-up of 1,000,000 messages in pages of 10,000, `subscribeJson`',
        limitIs: FETCH,
      },
      0.9,
    )
    const { ours, limit, peer } = medians
    const grown = (figures: Figures | undefined): Row['ours'] =>
      measured(figures, 'grownMegabytes', 'MB')
    return [
      row,
      {
        workload:
          'the same: memory gained over the last two thirds, when the callback keeps nothing',
        ours: grown(ours),
        limit: grown(limit),
        limitIs: FETCH,
        peer: grown(peer),
        target: '≤ 50 MB',
        met: atMost(ours?.['grownMegabytes'], 50),
      },
    ]
  },
}

const json: Workload = {
  name: 'json',
  server: 'pages',
  subjects: SUBJECTS,
  async measure({ json }, round) {
    // Above about 120,000 the peer fails.
    const count = sized(round.subject === 'peer' ? 100_000 : 1_000_000, round)
    await json(`${round.url}/pages/${PER_PAGE * 5}/${PER_PAGE}`, PER_PAGE * 5)
    return perSecond(count, await json(`${round.url}/pages/${count}/${PER_PAGE}`, count))
  },
  rows: (medians) => [
    rateRow(
      medians,
      { workload: '`json()` of 1,000,000 (the peer: of 100,000)', limitIs: FETCH },
      0.8,
    ),
  ],
}

const itemsOfOnePage: Workload = {
  name: 'items-of-one-page',
  server: 'pages',
  subjects: SUBJECTS,
  async measure({ jsonStream }, { url }) {
    await jsonStream(`${url}/pages/50000/5000`, 50_000)
    return perSecond(80_000, await jsonStream(`${url}/pages/80000/80000`, 80_000))
  },
  rows: (medians) => [
    rateRow(medians, { workload: '`jsonStream()` of 80,000 in one page', limitIs: FETCH }, 0.5),
  ],
}

const items: Workload = {
  name: 'items',
  server: 'pages',
  subjects: SUBJECTS,
  async measure({ jsonStream }, round) {
    const count = sized(1_000_000, round)
    await jsonStream(`${round.url}/pages/50000/5000`, 50_000)
    return perSecond(count, await jsonStream(`${round.url}/pages/${count}/${PER_PAGE}`, count))
  },
  rows: (medians) => [
    rateRow(medians, { workload: '`jsonStream()` of 1,000,000 in pages', limitIs: FETCH }, 0.5),
  ],
}

const events: Workload = {
  name: 'events',
  server: 'pages',
  subjects: SUBJECTS,
  async measure({ events }, round) {
    const count = sized(200_000, round)
    await events(`${round.url}/events/20000`, 20_000)
    return perSecond(count, await events(`${round.url}/events/${count}`, count))
  },
  rows(medians) {
    const { ours, limit } = medians
    return [
      rateRow(
        medians,
        {
          workload: 'SSE events of 100 bytes, each with its control event',
          limitIs: 'fetch + SSE parser, nothing of JSON',
        },
        0.5,
      ),
      rateRow(
        medians,
        {
          workload: 'the same',
          limit: rate(limit, 'parsedPerSecond'),
          limitIs: 'fetch + SSE parser + JSON.parse of each',
          met: atLeast(ratio(ours?.['perSecond'], limit?.['parsedPerSecond']), 0.5),
        },
        0.5,
      ),
    ]
  },
}

const bigEvent: Workload = {
  name: 'big-event',
  server: 'pages',
  subjects: SUBJECTS,
  async measure({ bigEvent }, round) {
    const characters = sized(32_000_000, round)
    await bigEvent(`${round.url}/event/1000000`, 1_000_000)
    const { ms } = await bigEvent(`${round.url}/event/${characters}`, characters)
    return { seconds: ms / 1000 }
  },
  rows({ ours, limit, peer }) {
    return [
      {
        workload: 'one SSE event of 32 MB',
        ours: measured(ours, 'seconds', 's'),
        limit: measured(limit, 'seconds', 's'),
        limitIs: FETCH,
        peer: measured(peer, 'seconds', 's'),
        target: '≤ 1.5 of the limit',
        met: atMost(ratio(ours?.['seconds'], limit?.['seconds']), 1.5),
      },
    ]
  },
}

function delivery(live: 'sse' | 'long-poll', name: string): Workload {
  return {
    name: `delivery-${live}`,
    server: 'streams',
    hasOwnPath: true,
    subjects: SUBJECTS,
    measure: (subject, { url, quick }) => measureDelivery(subject, url, live, quick ? 500 : 4000),
    rows({ ours, limit, peer }) {
      const p50 = (figures: Figures | undefined): Row['ours'] =>
        measured(figures, 'p50Ms', 'ms', `p99 ${show(figures?.['p99Ms'] ?? NaN)} ms`)
      return [
        {
          workload: `append to delivery, ${name} (p50)`,
          ours: p50(ours),
          limit: p50(limit),
          limitIs: 'bare fetch',
          peer: p50(peer),
          target: 'p50 and p99 ≤ 1.3 of the limit',
          met: all(
            atMost(ratio(ours?.['p50Ms'], limit?.['p50Ms']), 1.3),
            atMost(ratio(ours?.['p99Ms'], limit?.['p99Ms']), 1.3),
          ),
        },
      ]
    },
  }
}

const write: Workload = {
  name: 'write',
  server: 'streams',
  hasOwnPath: true,
  subjects: SUBJECTS,
  async measure({ write }, round) {
    await write(`${round.url}-warm-up`, 20_000)
    const count = sized(1_000_000, round)
    const figures = perSecond(count, await write(round.url, count))
    await verifyStored(round.url, count)
    return figures
  },
  rows: (medians) => [
    rateRow(
      medians,
      { workload: '1,000,000 objects by a producer', limitIs: 'one POST for each thousand' },
      0.7,
    ),
  ],
}

export const WORKLOADS: readonly Workload[] = [
  catchUp,
  json,
  itemsOfOnePage,
  items,
  events,
  bigEvent,
  delivery('sse', 'SSE'),
  delivery('long-poll', 'long-poll'),
  write,
]
