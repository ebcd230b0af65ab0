import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { ROOT } from '../support/imports.ts'

interface Run {
  child: ChildProcess
  /** What it has written so far, to both outputs. */
  text: () => string
  /** Its exit code. */
  ended: Promise<number | null>
}

const children: ChildProcess[] = []

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

function start(args: string[], env: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [join(ROOT, 'scripts', 'start.mjs'), ...args], {
    env: { ...process.env, PORT: '', ...env },
  })
  children.push(child)
  let text = ''
  for (const output of [child.stdout, child.stderr]) {
    output.setEncoding('utf8').on('data', (part: string) => (text += part))
  }
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { child, text: () => text, ended }
}

async function occupiedPort(): Promise<{ port: number; free: () => void }> {
  const server = createServer().listen(0, 'localhost')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, free: () => server.close() }
}

it.each([
  ['--port', (port: number) => start(['--port', String(port)])],
  ['PORT', (port: number) => start([], { PORT: String(port) })],
])('a port asked for by %s that is in use is named, with the way out', async (_, run) => {
  const { port, free } = await occupiedPort()
  const { text, ended } = run(port)
  expect(await ended).toBe(1)
  expect(text()).toContain(`Port ${port} is in use.`)
  expect(text()).toContain(`npm start -- --port ${port + 1}`)
  expect(text()).not.toContain('    at ')
  free()
})

it.each(['http', '70000', '-1', '80.5'])('"%s" is refused as a port', async (port) => {
  const { text, ended } = start([`--port=${port}`])
  expect(await ended).toBe(1)
  expect(text()).toContain(`"${port}" is not a port`)
})

it('an option that it does not know is named', async () => {
  const { text, ended } = start(['--prot', '8080'])
  expect(await ended).toBe(1)
  expect(text()).toContain("Unknown option '--prot'")
})

it('takes the next free port when its usual one is taken and none was asked for', async () => {
  const usual = createServer()
  await new Promise<void>((resolve) => {
    usual.once('error', () => resolve()) // taken by another already: just as well
    usual.listen(5173, 'localhost', resolve)
  })
  const { child, text, ended } = start([])
  await expect.poll(text).toMatch(/Streamwell rooms: \S+:(?!5173)\d+\//)
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  usual.close()
})

it('says where the page is, serves it, feeds the board, and leaves nothing behind', async () => {
  const { child, text, ended } = start(['--port', '0', '--host', '127.0.0.1'])
  const address = (): string | undefined => /Streamwell rooms: (\S+)/.exec(text())?.[1]
  await expect.poll(address).toBeDefined()
  const url = address()!

  const page = await fetch(url)
  expect(await page.text()).toContain('<title>Streamwell rooms</title>')
  await expect.poll(text).toContain('new events')
  const board = await fetch(new URL('/v1/stream/rooms/board', url), { method: 'HEAD' })
  expect(board.status).toBe(200)

  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  await expect(fetch(url)).rejects.toThrow('fetch failed')
}, 90_000)

it('is stopped while it feeds the board, and takes the feeder along', async () => {
  const { child, text, ended } = start(['--port', '0', '--host', '127.0.0.1'])
  let children: number[] = []
  await expect.poll(async () => (children = await childrenOf(child.pid!))).toHaveLength(1)
  const [feeder = 0] = children

  child.kill('SIGINT')
  expect(await ended).toBe(0)
  expect(() => process.kill(feeder, 0)).toThrow('ESRCH')
  expect(text()).not.toContain('has no data')
})

/** Process ids, from /proc: on other systems there are none, and the test is of no use there. */
async function childrenOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => [])
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  )
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number))
}
