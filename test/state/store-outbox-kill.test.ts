import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { DurableStream } from '../../src/core/index.ts'
import { startCuttableProxy } from '../support/cuttable-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { createFolder } from '../support/folder.ts'
import { startServer } from '../support/server.ts'

const SCRIPT = fileURLToPath(new URL('../support/run-outbox-writer.ts', import.meta.url))

/** A page with an outbox in `folder`, as a process. With no words it ends when all is stored. */
function startPage(url: string, folder: string, run: number, words: number): ChildProcess {
  const args = ['--import', 'tsx', SCRIPT, url, folder, String(run), String(words)]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

async function isDone(child: ChildProcess): Promise<void> {
  child.stdout!.resume()
  const [code] = await once(child, 'exit')
  expect(code).toBe(0)
}

async function stored(url: string): Promise<string[]> {
  const response = await new DurableStream<{ value: string }>({ url }).stream({ live: false })
  return (await response.json()).map(({ value }) => value)
}

async function tempFolder(): Promise<string> {
  const { path, remove } = await createFolder()
  onTestFinished(remove)
  return path
}

it('stores a write once when its page is killed between the append and the answer', async () => {
  const { url } = await startServer()
  const folder = await tempFolder()
  const proxy = await startCuttableProxy(Number(new URL(url).port))
  onTestFinished(() => proxy.close())
  const throughProxy = `${url.replace(/:\d+/, `:${proxy.port}`)}/words`
  proxy.cutNextAnswers(Infinity, 'producer-seq')
  const first = startPage(throughProxy, folder, 1, 1)
  await eventually(async () => {
    expect(proxy.cutAnswers()).toBeGreaterThan(0)
    expect(await stored(`${url}/words`)).toEqual(['1:0'])
  })
  await kill(first)
  proxy.cutNextAnswers(0, '')
  await isDone(startPage(throughProxy, folder, 2, 0))
  expect(await stored(`${url}/words`)).toEqual(['1:0'])
})

it('stores what a page wrote once, in order and without gaps, however often it is killed', async () => {
  const { url } = await startServer()
  const folder = await tempFolder()
  const stream = `${url}/words`
  let seen = 0
  for (let run = 1; run <= 4; run++) {
    const child = startPage(stream, folder, run, 100_000)
    // Killed when it has seen so many more, at whatever it does just then.
    const goal = seen + run * 7
    await new Promise<void>((resolve) => {
      child.stdout!.on('data', (bytes: Buffer) => {
        seen = Math.max(seen, ...String(bytes).trim().split('\n').map(Number))
        if (seen >= goal) resolve()
      })
    })
    await kill(child)
  }
  await isDone(startPage(stream, folder, 5, 0))

  const words = await stored(stream)
  expect(new Set(words).size).toBe(words.length)
  expect(words.length).toBeGreaterThanOrEqual(seen)
  for (let run = 1; run <= 4; run++) {
    const own = words.filter((word) => word.startsWith(`${run}:`))
    expect(own).toEqual(own.map((_, n) => `${run}:${n}`))
  }
}, 120_000)
