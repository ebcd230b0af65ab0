import { rmSync } from 'node:fs'
import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { format } from 'prettier'
import { describeMachine } from '../harness/machine.ts'
import { resultTable } from '../harness/results.ts'
import { runWorkload } from './run-workload.ts'
import { WORKLOADS } from './workloads/index.ts'
import type { Row } from '../harness/row.ts'

// npm run bench -- server [workload…] [--quick] [--profile <folder>]

const COMMAND = 'npm run bench -- server'
const RESULTS = join(process.cwd(), 'bench/RESULTS.md')
const NOTES = join(process.cwd(), 'bench/server/notes.md')

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, profile: { type: 'string' } },
    allowPositionals: true,
  })
  const unknown = positionals.filter(
    (name) => !WORKLOADS.some((workload) => workload.name === name),
  )
  if (unknown.length > 0) {
    const names = WORKLOADS.map(({ name }) => name).join(', ')
    throw new Error(`There is no workload ${unknown.join(', ')}: choose from ${names}`)
  }
  const { quick, profile } = values
  const programs = import.meta.dirname
  const data = await dataFolder()
  const rows: Row[] = []
  for (const workload of WORKLOADS) {
    if (positionals.length > 0 && !positionals.includes(workload.name)) continue
    const began = Date.now()
    console.log(workload.name)
    const medians = await runWorkload(workload, {
      quick,
      profile,
      programs,
      data,
      say: console.log,
    })
    rows.push(...workload.rows(medians))
    console.log(`  ${((Date.now() - began) / 1000).toFixed(0)} s`)
  }
  console.log(`\n${resultTable(rows)}\n`)
  if (quick) console.log('Quick: small sizes, one round. A glance, no result; nothing is written.')
  else if (positionals.length > 0) console.log('Only a part was measured; nothing is written.')
  else await writeResults(rows)
}

/** A folder for what durable servers store, which is gone when this process is. */
async function dataFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'streamwell-bench-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1))
  return folder
}

async function writeResults(rows: readonly Row[]): Promise<void> {
  const notes = await readFile(NOTES, 'utf8')
  const date = new Date().toISOString().slice(0, 10)
  const page = `# Results

## Server

\`${COMMAND}\`, ${date}, ${describeMachine()}. ${METHOD}

${resultTable(rows)}

${notes}`
  await writeFile(RESULTS, await format(page, { parser: 'markdown' }))
}

const METHOD = `Messages are 100 bytes of JSON. Ours, the peer (\`@durable-streams/server\` from npm) and the limit
run side by side, in turns, each in a process of its own; the load comes from another, over raw sockets
on loopback. Medians of three rounds, one where the peer needs minutes. Each workload also checks that every message arrived
once and in order. A ratio compares ours with the other: above 1 is better for rates (/s, MB/s), below
1 for times and memory.`

await main()
