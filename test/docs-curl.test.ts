import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { codeBlocksOf, readPage } from './support/markdown.ts'
import { startServer } from './support/server.ts'

const FILE = 'docs/server.md'
const hasTools = ['curl', 'bash'].every((tool) => spawnSync(tool, ['--version']).status === 0)

it.skipIf(!hasTools)(
  'who types the page line by line gets the statuses that it names (needs curl and bash)',
  async () => {
    const { url } = await startServer()
    const { origin } = new URL(url)
    const lines = codeBlocksOf(FILE, readPage(FILE))
      .filter(({ language }) => language === 'sh')
      .flatMap(({ code }) => code.replaceAll('\\\n', '').split('\n'))
      .map((line) => line.replace('http://127.0.0.1:4437', origin))
    const variables = lines.filter((line) => /^\w+=/.test(line)).join('\n')
    const told = lines.flatMap((line) => /^(curl .*?) +# (\d{3})\b/.exec(line)?.slice(1, 3) ?? [])
    expect(told.length).toBeGreaterThan(20)

    const answered: string[] = []
    for (let i = 0; i < told.length; i += 2) {
      const { stdout } = await promisify(execFile)('bash', ['-c', `${variables}\n${told[i]} -s`])
      answered.push(told[i]!, /^HTTP\/1.1 (\d+)/.exec(stdout)?.[1] ?? stdout)
    }
    expect(answered).toEqual(told)
  },
)
