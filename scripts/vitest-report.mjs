/**
 * Counts the tests in vitest's own JSON report. A file that could not be loaded has no tests, and an
 * error outside of all tests belongs to none: both count as one failed.
 *
 * @param report the text of the report; `undefined` when vitest ended before writing it.
 */
export function countTests(report, exitCode) {
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 }
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } =
    JSON.parse(report)
  const failed = numFailedTests + testResults.filter(failedOutsideOfItsTests).length
  return {
    passed: numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: numPendingTests + numTodoTests,
  }
}

function failedOutsideOfItsTests(file) {
  return file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed')
}

/**
 * What failed, a line each with the beginning of its message: for the end of a long output, of which
 * often nothing else is kept.
 *
 * @param report as {@link countTests} takes it.
 */
export function failureLines(report, exitCode) {
  if (report === undefined) return ['vitest ended without a report']
  const lines = JSON.parse(report).testResults.flatMap((file) => {
    const failed = file.assertionResults.filter((test) => test.status === 'failed')
    if (failed.length === 0 && file.status === 'failed')
      return [failureLine(file.name, file.message)]
    return failed.map((test) =>
      failureLine(`${file.name} > ${test.fullName}`, test.failureMessages?.join('\n')),
    )
  })
  if (lines.length === 0 && exitCode !== 0)
    return ['an error outside of all tests: it is printed above']
  return lines
}

function failureLine(name, message = '') {
  return `${name}: ${message.trim().split('\n', 4).join(' | ')}`
}

/** `N passed, N failed`, and `, N skipped` if any. */
export function countLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
