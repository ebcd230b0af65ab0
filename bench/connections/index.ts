import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { format } from 'prettier'
import { describeMachine } from '../harness/machine.ts'
import { type ComparedRow, comparisonTable } from './comparison-table.ts'
import { runWorkload } from './run-workload.ts'
import { CLIENT_COLUMNS, CLIENT_WORKLOADS } from './workloads/client.ts'
import { SERVER_COLUMNS, SERVER_WORKLOADS } from './workloads/server.ts'
import type { Workload } from './workload.ts'

// npm run bench -- connections [workload…] [--subject <name>] [--quick] [--profile <folder>]

const FOLDER = join(process.cwd(), 'bench/connections')
const ROUNDS = 1

const METHOD = `Updates are 100 bytes of JSON, appended one by one, evenly spread over time. A server, a
writer and readers, each in a process of its own, run for each figure: all streams of a client over one request of the extension
([protocol extensions](../../docs/protocol-extensions.md)), over a connection each, and over a request each on one HTTP/2 connection; the peer is
\`@durable-streams/server\` from npm, which has one request for each stream. They take turns. The server has a core for itself. Readers of the
first table take bytes off raw sockets; those of the second are our client under Node. Every figure is of a load of which each update came
once, in order, to each subscription and to nobody else: one that is missing, or comes twice, leaves no figures. Behind each that is compared stands the ratio
of the first column to it: below 1, the first is less.`

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      profile: { type: 'string' },
      subject: { type: 'string' },
    },
    allowPositionals: true,
  })
  const { quick, profile, subject } = values
  const isAsked = chosenBy(positionals)
  const measure = async (workloads: readonly Workload[]): Promise<ComparedRow[]> => {
    const rows: ComparedRow[] = []
    for (const workload of workloads.filter(({ name }) => isAsked(name))) {
      const began = Date.now()
      console.log(workload.name)
      const medians = await runWorkload(workload, {
        quick,
        rounds: quick ? 1 : ROUNDS,
        programs: import.meta.dirname,
        profile,
        subject,
        say: console.log,
      })
      rows.push(...workload.rows(medians))
      console.log(`  ${((Date.now() - began) / 1000).toFixed(0)} s`)
    }
    return rows
  }
  const server = comparisonTable(SERVER_COLUMNS, await measure(SERVER_WORKLOADS))
  const client = comparisonTable(CLIENT_COLUMNS, await measure(CLIENT_WORKLOADS))
  console.log(`\n${server}\n\n${client}\n`)
  if (quick) console.log('Quick: short times, one round. A glance, no result; nothing is written.')
  else if (positionals.length > 0 || subject)
    console.log('Only a part was measured; nothing is written.')
  else await writeResults(server, client)
}

/** @throws for a name that no workload has. */
function chosenBy(names: readonly string[]): (name: string) => boolean {
  const known = [...SERVER_WORKLOADS, ...CLIENT_WORKLOADS].map(({ name }) => name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    throw new Error(`There is no workload ${unknown.join(', ')}: choose from ${known.join(', ')}`)
  }
  return (name) => names.length === 0 || names.includes(name)
}

async function writeResults(server: string, client: string): Promise<void> {
  const date = new Date().toISOString().slice(0, 10)
  const page = `# Results of connections

\`npm run bench -- connections\`, ${date}, ${describeMachine()}. ${METHOD}

## The server

${server}

## Our client

${client}

${await readFile(join(FOLDER, 'notes.md'), 'utf8')}`
  await writeFile(join(FOLDER, 'RESULTS.md'), await format(page, { parser: 'markdown' }))
}

await main()
