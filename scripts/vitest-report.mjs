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

/** `N passed, N failed`, and `, N skipped` if any. */
export function countLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}
