import { spawn } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format } from 'prettier'

// Runs the public conformance suite against the server of this repository and compares what failed
// with the list of what is not built. `--update` writes what was measured as the new list.

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const MISSING = join(ROOT, 'test/interop/conformance-missing.json')
const PAGE = join(ROOT, 'docs/conformance.md')
const TABLE = /(?<=<!-- measured -->\n)[^]*(?=<!-- end -->)/

async function main() {
  const cases = await runSuite()
  const failed = cases.filter(({ passed }) => !passed)
  const known = new Set(JSON.parse(await readFile(MISSING, 'utf8')))
  const table = describeGroups(cases)
  console.log(table)

  if (process.argv.includes('--update')) {
    await writeFile(MISSING, `${JSON.stringify(failed.map(({ name }) => name).sort(), null, 2)}\n`)
    const page = (await readFile(PAGE, 'utf8')).replace(TABLE, `\n${table}\n\n`)
    await writeFile(PAGE, await format(page, { parser: 'markdown' }))
    return
  }
  for (const { name, message } of failed) {
    if (!known.has(name)) report(`Fails now: ${name}\n  ${message}`)
  }
  for (const { name, passed } of cases) {
    if (passed && known.has(name)) report(`Passes now: ${name}\n  Keep it: run with --update`)
  }
}

function report(problem) {
  console.error(problem)
  process.exitCode = 1
}

async function runSuite() {
  const folder = join(ROOT, 'node_modules/.cache/streamwell')
  const output = join(folder, `conformance-${process.pid}.json`)
  await mkdir(folder, { recursive: true })
  try {
    const log = await runVitest(output)
    const report = await readFile(output, 'utf8').catch(() => {
      throw new Error(`The suite did not run:\n${log}`)
    })
    const { testResults } = JSON.parse(report)
    return testResults.flatMap(({ assertionResults }) => assertionResults.map(toCase))
  } finally {
    await rm(output, { force: true })
  }
}

function runVitest(output) {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const config = '--config=vitest.conformance.config.ts'
  const reporter = ['--reporter=json', `--outputFile=${output}`]
  // A runner within a runner must not take itself for a worker of the outer one.
  const env = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|TEST$|NODE_ENV$)/.test(name),
  )
  const child = spawn(process.execPath, [vitest, 'run', config, ...reporter], {
    cwd: ROOT,
    env: Object.fromEntries(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (log += text))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', () => resolve(log))
  })
}

function toCase({ ancestorTitles: [, group = '', ...inner], title, status, failureMessages }) {
  return {
    group,
    name: [group, ...inner, title].join(' > '),
    passed: status === 'passed',
    message: (failureMessages?.[0] ?? status).split('\n')[0],
  }
}

function describeGroups(cases) {
  const rows = [...groupByName(cases)].map(
    ([group, members]) => `| ${group} | ${countOf(members)} |`,
  )
  return [
    `**${countOf(cases)} cases pass.**`,
    '',
    '| group | passed |',
    '| --- | --- |',
    ...rows,
  ].join('\n')
}

function groupByName(cases) {
  const groups = new Map()
  for (const one of cases) groups.set(one.group, [...(groups.get(one.group) ?? []), one])
  return groups
}

function countOf(cases) {
  return `${cases.filter(({ passed }) => passed).length} of ${cases.length}`
}

await main()
