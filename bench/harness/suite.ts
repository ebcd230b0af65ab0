import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { format } from 'prettier'
import { type Contest, runContest } from './contest.ts'
import { describeMachine } from './machine.ts'
import { resultTable } from './results.ts'
import type { Row } from './row.ts'

export interface Suite {
  /** Its folder in `bench`. */
  name: string
  title: string
  /** How it was measured, in sentences. */
  method: string
  contests: readonly Contest[]
  /** Where the built programs are. */
  programs: string
}

/**
 * Runs what the command line asks for: `[workload…] [--quick] [--profile <folder>]`. A run of all of
 * it, at full size, writes `RESULTS.md`, with `notes.md` at its end.
 */
export async function runSuite({ name, title, method, contests, programs }: Suite): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, profile: { type: 'string' } },
    allowPositionals: true,
  })
  const unknown = positionals.filter((asked) => !contests.some((known) => known.name === asked))
  if (unknown.length > 0) {
    const names = contests.map((known) => known.name).join(', ')
    throw new Error(`There is no workload ${unknown.join(', ')}: choose from ${names}`)
  }
  const { quick, profile } = values
  const rows: Row[] = []
  for (const contest of contests) {
    if (positionals.length > 0 && !positionals.includes(contest.name)) continue
    const began = Date.now()
    console.log(contest.name)
    const medians = await runContest(contest, { quick, profile, programs, say: console.log })
    rows.push(...contest.rows(medians))
    console.log(`  ${((Date.now() - began) / 1000).toFixed(0)} s`)
  }
  console.log(`\n${resultTable(rows)}\n`)
  if (quick) console.log('Quick: small sizes, one round. A glance, no result; nothing is written.')
  else if (positionals.length > 0) console.log('Only a part was measured; nothing is written.')
  else await writeResults(name, title, method, rows)
}

async function writeResults(
  name: string,
  title: string,
  method: string,
  rows: readonly Row[],
): Promise<void> {
  const folder = join(process.cwd(), 'bench', name)
  const date = new Date().toISOString().slice(0, 10)
  const page = `# ${title}

\`npm run bench -- ${name}\`, ${date}, ${describeMachine()}. ${method}

${resultTable(rows)}

${await readFile(join(folder, 'notes.md'), 'utf8')}`
  await writeFile(join(folder, 'RESULTS.md'), await format(page, { parser: 'markdown' }))
}
