import type { Contest, Round as RoundOf } from '../harness/contest.ts'
import type { Figures, Medians, Row } from '../harness/row.ts'
import { atMost, measured, show } from '../harness/values.ts'
import { measurePage } from './measure-page.ts'
import { type Framework, HOOKS_PER_STREAM, type SubjectName } from './scene.ts'

export type Round = RoundOf<SubjectName>

export interface Workload extends Contest<SubjectName> {
  /** Runs in a process of its own; must throw when what the page shows is wrong. */
  measure(round: Round): Promise<Figures>
}

const LIMIT_IS = 'without any network'
const NAMES = { react: 'React', solid: 'Solid' } as const

/** What a person feels, in the longest case; with the usual ones beside it. */
function inputRow(workload: string, input: 'typing' | 'clicking', medians: Medians): Row {
  const value = (figures: Figures | undefined): Row['ours'] =>
    figures &&
    measured(
      figures,
      `${input}MaxMs`,
      'ms',
      `p50 ${show(figures[`${input}P50Ms`]!)} ms, p99 ${show(figures[`${input}P99Ms`]!)} ms`,
    )
  return {
    workload,
    ours: value(medians['ours']),
    limit: value(medians['limit']),
    limitIs: LIMIT_IS,
    peer: value(medians['peer']),
    target: 'always < 50 ms',
    met: atMost(medians['ours']?.[`${input}MaxMs`], 50),
  }
}

function overHttp2(framework: Framework): Workload {
  const page = `200 hooks on 50 streams in ${NAMES[framework]}, 100 updates/s, over HTTP/2`
  return {
    name: framework,
    server: 'site',
    subjects: ['limit', 'ours', 'peer'],
    rounds: 3,
    hasOwnPath: true,
    measure: (round) => measurePage(round, framework, 'secure'),
    rows: (medians) => {
      const { ours, limit, peer } = medians
      const delay = (figures: Figures | undefined): Row['ours'] =>
        figures && measured(figures, 'delayP99Ms', 'ms', `p50 ${show(figures['delayP50Ms']!)} ms`)
      return [
        inputRow(`${page}: from a key press to its frame, longest`, 'typing', medians),
        inputRow(
          'the same: from a click on a shared counter to its frame, longest',
          'clicking',
          medians,
        ),
        {
          workload: 'the same: longest input as Event Timing tells it (steps of 8 ms)',
          ours: measured(ours, 'longestEventMs', 'ms'),
          limit: measured(limit, 'longestEventMs', 'ms'),
          limitIs: LIMIT_IS,
          peer: measured(peer, 'longestEventMs', 'ms'),
          target: 'always < 50 ms',
          met: atMost(ours?.['longestEventMs'], 49),
        },
        {
          workload: 'the same: renders for one update',
          ours: measured(ours, 'rendersPerUpdate', 'renders'),
          limit: measured(limit, 'rendersPerUpdate', 'renders'),
          limitIs: LIMIT_IS,
          peer: measured(peer, 'rendersPerUpdate', 'renders'),
          target: `≤ ${HOOKS_PER_STREAM}, the hooks of its stream`,
          met: atMost(ours?.['rendersPerUpdate'], HOOKS_PER_STREAM + 0.01),
        },
        {
          workload: 'the same: share of the time in which the page was busy',
          ours: measured(ours, 'busyPercent', '%'),
          limit: measured(limit, 'busyPercent', '%'),
          limitIs: LIMIT_IS,
          peer: measured(peer, 'busyPercent', '%'),
          target: '–',
          met: undefined,
        },
        {
          workload: 'the same: from the writing of a value to the screen (p99)',
          ours: delay(ours),
          peer: delay(peer),
          target: 'p99 not above the peer',
          met: peer && atMost(ours?.['delayP99Ms'], peer['delayP99Ms']!),
        },
      ]
    },
  }
}

/** What the six connections of a browser make of it. */
function overHttp1(framework: Framework): Workload {
  return {
    name: `${framework}-http1`,
    server: 'site',
    subjects: ['ours'],
    rounds: 1,
    hasOwnPath: true,
    measure: (round) => measurePage(round, framework, 'plain'),
    rows: ({ ours }) => [
      {
        workload: `the page in ${NAMES[framework]} over HTTP/1.1 (6 connections to an origin): hooks that follow, of 200`,
        ours: measured(ours, 'followed', 'hooks'),
        target: '–',
        met: undefined,
      },
      {
        workload: 'the same: from a click to its storing',
        ours: measured(ours, 'storedSeconds', 's'),
        target: '–',
        met: undefined,
      },
    ],
  }
}

export const WORKLOADS: readonly Workload[] = [
  overHttp2('react'),
  overHttp2('solid'),
  overHttp1('react'),
]
