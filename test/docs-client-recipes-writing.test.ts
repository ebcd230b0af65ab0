import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { DurableStream } from '../src/core/index.ts'
import { startCuttableProxy } from './support/cuttable-proxy.ts'
import { createFolder } from './support/folder.ts'
import { ROOT } from './support/imports.ts'
import { EXAMPLE_URL, recipeWith, runRecipe } from './support/recipe.ts'
import { withReplaced } from './support/run-block.ts'
import { startServer } from './support/server.ts'

const contentType = 'application/json'

async function newFolder(): Promise<string> {
  const { path, remove } = await createFolder()
  onTestFinished(remove)
  return path
}

/** A server, and the address of a proxy to it that loses some answers to writes. */
async function startBehindProxy(): Promise<{ url: string; lossy: string; lost: () => number }> {
  const { url } = await startServer()
  const proxy = await startCuttableProxy(Number(new URL(url).port))
  onTestFinished(() => proxy.close())
  proxy.cutNextAnswers(2, 'POST ')
  return { url, lossy: url.replace(/:\d+/, `:${proxy.port}`), lost: proxy.cutAnswers }
}

it('an upload from a page is whole and closed at the end, over connections that broke', async () => {
  const { url, lossy, lost } = await startBehindProxy()
  const bytes = randomBytes(3_000_000)
  const progress: number[] = []
  const { upload } = runRecipe<{
    upload: (file: Blob, onProgress: (part: number) => void) => Promise<void>
  }>('TransformStream', lossy)
  await upload(new Blob([bytes]), (part) => progress.push(part))
  expect(progress.at(-1)).toBe(1)
  const stored = await new DurableStream({ url: `${url}/uploads/1` }).read()
  expect(Buffer.from(stored.data).equals(bytes)).toBe(true)
  expect(stored.streamClosed).toBe(true)
  expect(lost()).toBe(2)
})

it('an upload from Node is whole and closed at the end, over connections that broke', async () => {
  const { url, lossy, lost } = await startBehindProxy()
  const bytes = randomBytes(3_000_000)
  const path = join(await newFolder(), 'file')
  await writeFile(path, bytes)
  const { uploadFile } = runRecipe<{ uploadFile: (path: string) => Promise<string> }>(
    'uploadFile',
    lossy,
  )
  const offset = await uploadFile(path)
  const stored = await new DurableStream({ url: `${url}/uploads/2` }).read()
  expect(Buffer.from(stored.data).equals(bytes)).toBe(true)
  expect(stored).toMatchObject({ streamClosed: true, offset })
  expect(lost()).toBe(2)
})

it('imports that run at once, and again with more, store each line once and in order', async () => {
  const { url } = await startServer()
  const rows = await DurableStream.create<{ line: number; text: string }>({
    url: `${url}/rows`,
    contentType,
  })
  const lines = Array.from({ length: 3500 }, (_, i) => `text ${i}`)
  const run = (count: number): Promise<void> =>
    runRecipe<{ importLines: (lines: readonly string[]) => Promise<void> }>(
      'importLines',
      url,
    ).importLines(lines.slice(0, count))

  await Promise.all([run(1500), run(2500), run(700)])
  await run(3500)
  await run(3500)
  const stored: string[] = []
  for await (const { line, text } of rows.json({ live: false })) {
    expect(line).toBe(stored.push(text))
  }
  expect(stored).toEqual(lines)
})

it('a job that is killed again and again loses nothing it accepted, and repeats nothing', async () => {
  const { url } = await startServer()
  const payments = await DurableStream.create<{ id: string }>({
    url: `${url}/payments`,
    contentType,
  })
  const folder = await newFolder()
  const program = join(folder, 'job.mts')
  const code = withReplaced(recipeWith("'payments-1'").code, {
    [EXAMPLE_URL]: url,
    './payments.state': join(folder, 'payments.state'),
    "'streamwell'": `'${pathToFileURL(join(ROOT, 'src/core/index.ts')).href}'`,
  })
  await writeFile(program, code + MAIN)

  const accepted: string[] = []
  for (let run = 0; run < 4; run++) accepted.push(...(await runAndKill(program, run)))
  expect(accepted.length).toBeGreaterThan(100)
  // The last one sends what the one before it left, and takes nothing on.
  await runToEnd(program)
  const stored: string[] = []
  for await (const { id } of payments.json({ live: false })) stored.push(id)
  expect(new Set(stored).size).toBe(stored.length)
  expect(stored).toEqual(expect.arrayContaining(accepted))
}, 180_000)

/** Takes payments for ever and says which it accepted; without a name of its run none. */
const MAIN = `
const run = process.argv[2]
if (run === undefined) await producer.detach()
for (let n = 0; run !== undefined; n++) {
  const id = run + ':' + n
  const accepting = accept({ id, amount: n }).then(() => process.stdout.write(id + ' '))
  if (n % 7 === 6) await accepting
}
`

/** @returns what it said it had accepted, up to the moment at which it was killed. */
async function runAndKill(program: string, run: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--import', 'tsx', program, String(run)], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  for await (const text of child.stdout) {
    said += text
    if (said.split(' ').length > 60) child.kill('SIGKILL')
  }
  // What was cut off in the middle was not said.
  return said.split(' ').slice(0, -1)
}

async function runToEnd(program: string): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', program], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const [code] = await once(child, 'exit')
  expect(code).toBe(0)
}
