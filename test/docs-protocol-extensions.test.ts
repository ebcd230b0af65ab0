import { execFile, spawn, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { codeBlocksOf, readPage } from './support/markdown.ts'
import { startServer } from './support/server.ts'

const FILE = 'docs/protocol-extensions.md'
const hasTools = ['curl', 'bash'].every((tool) => spawnSync(tool, ['--version']).status === 0)

/** A cursor tells the time. */
const timeless = (text: string): string =>
  text.replaceAll(/"streamCursor":"\d+"/g, '"streamCursor":"1"')

/** What a command that does not end by itself has written once that is as long as `text`. */
async function outputAsLongAs(text: string, script: string): Promise<string> {
  const child = spawn('bash', ['-c', `exec ${script}`], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  for await (const part of child.stdout.setEncoding('utf8')) {
    output += part
    if (output.length >= text.length) break
  }
  return output
}

it.skipIf(!hasTools)(
  'who types the page line by line gets what it says (needs curl and bash)',
  async () => {
    const { url } = await startServer()
    const blocks = codeBlocksOf(FILE, readPage(FILE))
    const variables = `S=${url}\nJ='Content-Type: application/json'\n`
    const asked: string[] = []
    const answered: string[] = []
    for (const { language, code } of blocks) {
      if (language !== 'sh') continue
      for (const line of code.replaceAll('\\\n', '').split('\n')) {
        const [, command, status, name, value] =
          /^(curl -i .*?) +# (\d{3})(?:, (?:with )?([\w-]+): (\S+))?/.exec(line) ?? []
        if (command === undefined) continue
        asked.push(line)
        const { stdout } = await promisify(execFile)('bash', ['-c', `${variables}${command} -s`])
        const isTold =
          stdout.startsWith(`HTTP/1.1 ${status} `) &&
          (name === undefined || stdout.toLowerCase().includes(`${name}: ${value}`.toLowerCase()))
        answered.push(isTold ? line : `${line} → ${stdout}`)
      }
      if (!code.startsWith('curl -N')) continue
      const shown = blocks.find((block) => block.language === 'text')!.code
      const script = `${code.replaceAll('$S', url).replaceAll('"$J"', "'Content-Type: application/json'")} -s`
      const told = await outputAsLongAs(`:\n\n${shown}\n\n`, script)
      expect(timeless(told)).toBe(timeless(`:\n\n${shown}\n\n`))
    }
    expect(answered).toEqual(asked)
    expect(asked.length).toBeGreaterThan(15)
  },
)
