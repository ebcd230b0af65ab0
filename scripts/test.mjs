import { mkdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureInstalled, ROOT, SetupError } from './install.mjs'
import { run, runNpm, stopAll } from './run.mjs'
import { countLine, countTests, failureLines } from './vitest-report.mjs'

/** npm scripts, each of which passes or fails as a whole and counts as one. */
const CHECKS_BEFORE = ['types', 'lint', 'format:check']
const CHECKS_AFTER = ['build', 'publint', 'attw', 'size', 'knip']

async function main() {
  const filter = process.argv.slice(2)
  await ensureInstalled()
  const results = filter.length > 0 ? await runTests(filter) : await runEverything()
  const total = sum(results)
  if (results.length > 1) for (const result of results) console.log(resultLine(result))
  for (const { failures } of results) for (const line of failures) console.log(`FAILED ${line}`)
  // A filter that finds nothing has proved nothing.
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1
  console.log(countLine(total))
}

async function runEverything() {
  const results = []
  for (const name of CHECKS_BEFORE) results.push(await runCheck(name))
  results.push(...(await runTests([])))
  for (const name of CHECKS_AFTER) results.push(await runCheck(name))
  return results
}

async function runCheck(name) {
  console.log(`\n── ${name}`)
  const started = Date.now()
  const code = await runNpm(['run', '--silent', name], { cwd: ROOT })
  return {
    name,
    passed: code === 0 ? 1 : 0,
    failed: code === 0 ? 0 : 1,
    skipped: 0,
    failures: code === 0 ? [] : [`npm run ${name}`],
    ms: Date.now() - started,
  }
}

/** Our own tests, and the public conformance suite against each door and storage. */
async function runTests(filter) {
  const own = await runVitest('tests', ['--config=vitest.config.ts', ...filter])
  const config = '--config=vitest.conformance.config.ts'
  return [own, await runVitest('conformance', [config, ...filter])]
}

async function runVitest(name, options) {
  console.log(`\n── ${name}`)
  const started = Date.now()
  const folder = join(ROOT, 'node_modules', '.cache', 'streamwell')
  const report = join(folder, `vitest-${process.pid}.json`)
  await mkdir(folder, { recursive: true })
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  const output = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  try {
    const args = [vitest, 'run', '--passWithNoTests', ...output, ...options]
    const code = await run(process.execPath, args, { cwd: ROOT })
    const text = await readFile(report, 'utf8').catch(() => undefined)
    const counts = countTests(text, code)
    return { name, ...counts, failures: failureLines(text, code), ms: Date.now() - started }
  } finally {
    await rm(report, { force: true })
  }
}

function sum(results) {
  const add = (key) => results.reduce((total, result) => total + result[key], 0)
  return { passed: add('passed'), failed: add('failed'), skipped: add('skipped') }
}

/** Whether the result is of tests, not of a check that passes or fails as a whole. */
function isTests({ name }) {
  return name === 'tests' || name === 'conformance'
}

function resultLine(result) {
  const verdict = result.failed === 0 ? 'passed' : 'FAILED'
  const seconds = `${(result.ms / 1000).toFixed(1)} s`
  const counts = isTests(result) ? `  ${countLine(result)}` : ''
  return `${result.name.padEnd(14)}${verdict}${seconds.padStart(9)}${counts}`
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => stopAll().finally(() => process.exit(1)))
}

main().catch(async (error) => {
  await stopAll()
  console.error(error instanceof SetupError ? error.message : error)
  console.log(countLine({ passed: 0, failed: 1, skipped: 0 }))
  process.exitCode = 1
})
