import { expect, it } from 'vitest'

interface Counts {
  passed: number
  failed: number
  skipped: number
}

const url = new URL('../../scripts/vitest-report.mjs', import.meta.url).href
const { countTests, countLine, failureLines } = (await import(/* @vite-ignore */ url)) as {
  countTests: (report: string | undefined, exitCode: number) => Counts
  countLine: (counts: Counts) => string
  failureLines: (report: string | undefined, exitCode: number) => string[]
}

const report = (more: object): string =>
  JSON.stringify({
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [],
    ...more,
  })

it.each([
  ['all pass', report({}), 0, '3 passed, 0 failed'],
  ['one fails', report({ numFailedTests: 1 }), 1, '3 passed, 1 failed'],
  [
    'some are skipped or to do',
    report({ numPendingTests: 2, numTodoTests: 1 }),
    0,
    '3 passed, 0 failed, 3 skipped',
  ],
  [
    'a file cannot be loaded',
    report({ testResults: [{ status: 'failed', assertionResults: [] }] }),
    1,
    '3 passed, 1 failed',
  ],
  [
    'a failed test is not counted again for its file',
    report({
      numFailedTests: 1,
      testResults: [{ status: 'failed', assertionResults: [{ status: 'failed' }] }],
    }),
    1,
    '3 passed, 1 failed',
  ],
  ['an error belongs to no test', report({}), 1, '3 passed, 1 failed'],
  ['vitest ends without a report', undefined, 134, '0 passed, 1 failed'],
])('counts rightly when %s', (_, text, exitCode, line) => {
  expect(countLine(countTests(text, exitCode))).toBe(line)
})

const failed = {
  fullName: 'keeps it',
  status: 'failed',
  failureMessages: ['Error: lost\n    at a'],
}

it.each([
  ['nothing when all pass', report({}), 0, []],
  [
    'a test with its file and its message',
    report({
      testResults: [
        { name: 'a.test.ts', status: 'failed', assertionResults: [{ status: 'passed' }, failed] },
      ],
    }),
    1,
    ['a.test.ts > keeps it: Error: lost |     at a'],
  ],
  [
    'a file that cannot be loaded',
    report({
      testResults: [
        { name: 'b.test.ts', status: 'failed', message: 'Syntax', assertionResults: [] },
      ],
    }),
    1,
    ['b.test.ts: Syntax'],
  ],
  ['an error of no test', report({}), 1, ['an error outside of all tests: it is printed above']],
  ['a run without a report', undefined, 134, ['vitest ended without a report']],
])('names at the end %s', (_, text, exitCode, lines) => {
  expect(failureLines(text, exitCode)).toEqual(lines)
})
