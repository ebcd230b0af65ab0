import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { format } from 'prettier'
import { describeMachine } from '../harness/machine.ts'
import { resultTable } from '../harness/results.ts'
import type { Row } from '../harness/row.ts'
import { runWorkload } from './run-workload.ts'
import { WORKLOADS } from './workloads.ts'

// npm run bench -- client [workload…] [--quick] [--profile <folder>]

const COMMAND = 'npm run bench -- client'
const RESULTS = join(process.cwd(), 'bench/client/RESULTS.md')
const NOTES = join(process.cwd(), 'bench/client/notes.md')

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, profile: { type: 'string' } },
    allowPositionals: true,
  })
  const unknown = positionals.filter((name) => !WORKLOADS.some((known) => known.name === name))
  if (unknown.length > 0) {
    const names = WORKLOADS.map(({ name }) => name).join(', ')
    throw new Error(`There is no workload ${unknown.join(', ')}: choose from ${names}`)
  }
  const { quick, profile } = values
  const rows: Row[] = []
  for (const workload of WORKLOADS) {
    if (positionals.length > 0 && !positionals.includes(workload.name)) continue
    console.log(workload.name)
    const programs = import.meta.dirname
    rows.push(
      ...workload.rows(await runWorkload(workload, { quick, profile, programs, say: console.log })),
    )
  }
  console.log(`\n${resultTable(rows)}\n`)
  if (quick) console.log('Quick: small sizes, one round. A glance, no result; nothing is written.')
  else if (positionals.length > 0) console.log('Only a part was measured; nothing is written.')
  else await writeResults(rows)
}

async function writeResults(rows: readonly Row[]): Promise<void> {
  const date = new Date().toISOString().slice(0, 10)
  const page = `# Results of the client

\`${COMMAND}\`, ${date}, ${describeMachine()}. ${METHOD}

${resultTable(rows)}

${await readFile(NOTES, 'utf8')}`
  await writeFile(RESULTS, await format(page, { parser: 'markdown' }))
}

const METHOD = `Messages are 100 bytes of JSON. Ours, the peer (\`@durable-streams/client\` from
npm) and the least code that does the same (the limit) read the same streams in turns, each in a process of its own.
A static file server in another process serves what was made before, so that only the client is measured;
for delivery, our server stores and serves. Medians of five rounds. Each workload also checks that every message came
once, in order and whole. A ratio compares ours with the other: above 1 is better for rates (/s), below 1 for times and memory.`

await main()
