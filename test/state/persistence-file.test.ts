import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it, onTestFinished } from 'vitest'
import { filePersistence } from '../../src/state/persistence/file/index.ts'
import { fileNameOf } from '../../src/state/persistence/file/journal-lines.ts'
import { eventually } from '../support/eventually.ts'
import { createFolder } from '../support/folder.ts'

const PROGRAM = fileURLToPath(new URL('../support/run-journal-writer.ts', import.meta.url))

async function newFolder(): Promise<string> {
  const { path, remove } = await createFolder()
  onTestFinished(remove)
  return path
}

interface Writer {
  child: ChildProcess
  /** Lines that it told of. */
  lines: string[]
  until: (line: RegExp) => Promise<void>
}

function startWriter(folder: string): Writer {
  const child = spawn(process.execPath, ['--import', 'tsx', PROGRAM, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout! })
  reader.on('line', (line) => lines.push(line))
  async function until(wanted: RegExp): Promise<void> {
    while (!lines.some((line) => wanted.test(line))) await once(reader, 'line')
  }
  return { child, lines, until }
}

async function kill({ child }: Writer): Promise<void> {
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

it('a process that is killed while it writes loses nothing acknowledged, and no half a step', async () => {
  const folder = await newFolder()
  const { open } = filePersistence({ folder })
  let acknowledged = 0
  for (let kills = 0; kills < 6; kills++) {
    const writer = startWriter(folder)
    await writer.until(new RegExp(`^wrote ${acknowledged + 8 + kills * 5}$`))
    await kill(writer)
    const wrote = writer.lines.filter((line) => line.startsWith('wrote'))
    acknowledged = Number(wrote.at(-1)!.slice(6))

    const records = await (await open('a')).read()
    expect(records.length).toBeGreaterThanOrEqual(acknowledged * 2)
    expect(records.length % 2).toBe(0)
    const names = records.map((record) => record.split(' x')[0]!.trim())
    expect(names).toEqual(
      records.map((_, i) => `${Math.floor(i / 2)} ${i % 2 ? 'second' : 'first'}`),
    )
    acknowledged = records.length / 2
  }
}, 120_000)

it('a lock passes on when its process is killed, and not before', async () => {
  const folder = await newFolder()
  const { lock } = filePersistence({ folder })
  const [first, second] = [startWriter(folder), startWriter(folder)]
  await Promise.race([first.until(/^read/), second.until(/^read/)])
  expect(await lock('a', { wait: false })).toBeUndefined()
  const [holder, waiting] = first.lines.length > 0 ? [first, second] : [second, first]
  await holder.until(/^wrote 5$/)
  expect(waiting.lines).toEqual([])
  await kill(holder)
  await waiting.until(/^wrote/)
  const turn = lock('a', { wait: true })
  await kill(waiting)
  const release = await turn
  expect(release).toBeDefined()
  release!()
})

it.each([
  ['a process that is no more', '999999999 1'],
  ['another process of the same number', `${process.pid} 1`],
  ['nobody that makes sense', 'rubbish'],
  ['nobody', ''],
])('a lock that names %s is free', async (_whom, content) => {
  const folder = await newFolder()
  await writeFile(join(folder, `${fileNameOf('a')}.7.lock`), content)
  const { lock } = filePersistence({ folder })
  const release = await lock('a', { wait: false })
  expect(release).toBeDefined()
  expect(await filePersistence({ folder }).lock('a', { wait: false })).toBeUndefined()
  release!()
})

it('leaves files of fixed length names in its own folder, and few', async () => {
  const folder = join(await newFolder(), 'deep', 'down')
  const { open, lock } = filePersistence({ folder })
  for (const name of ['../../escape', '/etc/passwd', 'x'.repeat(10_000)]) {
    const journal = await open(name)
    for (let i = 0; i < 3; i++) await journal.replace([`${i}`])
    for (let i = 0; i < 3; i++) (await lock(name, { wait: true }))!()
  }
  await (await lock('x'.repeat(10_000), { wait: true }))!()
  // Letting go of a lock is a step of its own.
  await eventually(async () => {
    const files = await readdir(folder, { recursive: true })
    expect(files.filter((file) => !/^[0-9a-f]{40}\.(journal|\d+\.lock)$/.test(file))).toEqual([])
    expect(files.length).toBeLessThanOrEqual(7)
  })
})

it('what was torn at any byte, or came out as zeros, is not there', async () => {
  const folder = await newFolder()
  const { open, list } = filePersistence({ folder })
  const journal = await open('a')
  const path = join(folder, `${fileNameOf('a')}.journal`)
  const sizes = [0]
  for (const records of [['1'], ['2', 'zwei'], ['3']]) {
    await journal.append(records)
    sizes.push((await readFile(path)).length)
  }
  const whole = await readFile(path)
  const steps = [[], ['1'], ['1', '2', 'zwei'], ['1', '2', 'zwei', '3']]
  for (let size = whole.length; size >= 0; size--) {
    await truncate(path, size)
    const expected = steps[sizes.findLastIndex((end) => end <= size)]!
    expect(await (await open('a')).read()).toEqual(expected)
    expect(await list('')).toEqual(expected.length > 0 ? ['a'] : [])
  }
  for (let at = sizes[1]!; at < sizes[2]!; at++) {
    const holed = Buffer.from(whole)
    holed.fill(0, at, sizes[2]! - 1)
    await writeFile(path, at < sizes[2]! - 1 ? holed : whole)
    const read = await (await filePersistence({ folder }).open('a')).read()
    expect(read).toEqual(at < sizes[2]! - 1 ? ['1'] : steps[3])
  }
  await writeFile(path, whole.subarray(0, sizes[2]! - 3))
  await (await open('a')).append(['new'])
  expect(await (await open('a')).read()).toEqual(['1', 'new'])
})

it('a folder that cannot be is told of', async () => {
  const folder = await newFolder()
  await writeFile(join(folder, 'file'), '')
  await mkdir(join(folder, 'other'))
  await expect(filePersistence({ folder: join(folder, 'file') }).open('a')).rejects.toThrow(
    'EEXIST',
  )
})
