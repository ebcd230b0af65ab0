import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { feed, main } from '../../examples/rooms/feed.ts'
import { startServer } from '../support/server.ts'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'feed-'))
  await writeLock({ a: '1.0.0', b: '1.0.0' })
})
afterEach(() => rm(directory, { recursive: true }))

/** A project that depends on each package, and the first of them on all others. */
async function writeLock(versions: Record<string, string>): Promise<void> {
  const [first = '', ...others] = Object.keys(versions)
  const entries = Object.entries(versions).map(([name, version]) => [
    `node_modules/${name}`,
    {
      version,
      license: 'MIT',
      ...(name === first && { dependencies: Object.fromEntries(others.map((it) => [it, '*'])) }),
    },
  ])
  const root = { version: '0.0.0', dependencies: versions }
  const packages = { '': root, ...Object.fromEntries(entries) }
  const lock = { name: 'mine', lockfileVersion: 3, packages }
  await writeFile(join(directory, 'package-lock.json'), JSON.stringify(lock))
}

function commit(subject: string): void {
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org']
  const git = (...args: string[]): void =>
    void execFileSync('git', [...identity, ...args], { cwd: directory, stdio: 'pipe' })
  git('init')
  git('add', 'package-lock.json')
  git('commit', '--allow-empty', '-m', subject)
}

async function said(...args: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = []
  const code = await main(args, (line) => lines.push(line))
  return { code, text: lines.join('\n') }
}

interface Written {
  type: string
  key: string
  value?: Record<string, unknown>
  headers: { operation: string }
}

async function written(serverUrl: string): Promise<Written[]> {
  return (await fetch(`${serverUrl}/rooms/board`)).json() as Promise<Written[]>
}

describe('a project that is fed for the first time', () => {
  it('is written as packages, dependencies and commits, with an account in one line', async () => {
    const { url } = await startServer()
    commit('First')

    expect(await said(url, directory)).toEqual({
      code: 0,
      text: 'board: 3 packages, 3 dependencies, 1 commit; 7 new events',
    })
    const events = await written(url)
    expect(events.map(({ type, headers }) => `${headers.operation} ${type}`)).toEqual([
      ...Array<string>(3).fill('insert package'),
      ...Array<string>(3).fill('insert dependency'),
      'insert commit',
    ])
  })

  it('has the sizes of what is installed', async () => {
    const { url } = await startServer()
    await mkdir(join(directory, 'node_modules/a'), { recursive: true })
    await writeFile(join(directory, 'node_modules/a/index.js'), 'x'.repeat(42))

    await feed({ serverUrl: url, directory })
    const sizes = (await written(url))
      .filter(({ type }) => type === 'package')
      .map(({ key, value }) => [key, value?.['bytes']])
    expect(sizes).toEqual([
      ['.', null],
      ['node_modules/a', 42],
      ['node_modules/b', null],
    ])
  })

  it('has more events than fit into one request, in order', async () => {
    const { url } = await startServer()
    const names = Array.from({ length: 700 }, (_, i) => `p${i}`)
    await writeLock(Object.fromEntries(names.map((name) => [name, '1.0.0'])))

    const { appended } = await feed({ serverUrl: url, directory })
    const events = await written(url)
    expect(events).toHaveLength(appended)
    expect(events.filter(({ type }) => type === 'package').map(({ key }) => key)).toEqual([
      '.',
      ...names.map((name) => `node_modules/${name}`),
    ])
  })
})

describe('a project that is fed again', () => {
  it('adds nothing when nothing changed', async () => {
    const { url } = await startServer()
    commit('First')
    await feed({ serverUrl: url, directory })

    expect((await said(`${url}/`, directory)).text).toMatch(/; 0 new events$/)
  })

  it('adds what changed, came and went, and no more', async () => {
    const { url } = await startServer()
    commit('First')
    const { appended } = await feed({ serverUrl: url, directory })
    await writeLock({ a: '1.0.1', c: '1.0.0' })
    commit('Second')

    await feed({ serverUrl: url, directory })
    const events = (await written(url)).slice(appended)
    expect(events.map(({ key, headers }) => `${headers.operation} ${key}`).toSorted()).toEqual(
      [
        'update node_modules/a',
        'insert node_modules/c',
        'delete node_modules/b',
        'update . prod a',
        'insert . prod c',
        'delete . prod b',
        'insert node_modules/a prod c',
        'delete node_modules/a prod b',
        `insert ${events.at(-1)!.key}`,
      ].toSorted(),
    )
    expect(events.at(-1)).toMatchObject({ type: 'commit', value: { subject: 'Second' } })
  })

  it('keeps the size that it knew of a version that is not installed any more', async () => {
    const { url } = await startServer()
    const installed = join(directory, 'node_modules/a')
    await mkdir(installed, { recursive: true })
    await writeFile(join(installed, 'index.js'), 'x')
    await feed({ serverUrl: url, directory })
    await rm(installed, { recursive: true })

    expect((await feed({ serverUrl: url, directory })).appended).toBe(0)
  })

  it('keeps the commits on the board when the history cannot be read', async () => {
    const { url } = await startServer()
    commit('First')
    await feed({ serverUrl: url, directory })
    await rm(join(directory, '.git'), { recursive: true })

    const { code, text } = await said(url, directory)
    expect(code).toBe(0)
    expect(text).toContain('is not a git repository')
    expect(text).toMatch(/; 0 new events$/)
  })
})

describe('what cannot be fed', () => {
  it('says how it is used when no server is named', async () => {
    expect(await said()).toMatchObject({ code: 2, text: expect.stringContaining('serverUrl') })
  })

  it('names the address where no server answers, and how to start one', async () => {
    const { url, server } = await startServer()
    await server.stop()
    const { code, text } = await said(url, directory)
    expect(code).toBe(1)
    expect(text).toContain(`No server answers at ${url}`)
    expect(text).toContain('npm start')
  })

  it.each([
    ['is missing', undefined, /no such file/],
    ['is cut off', '{"packages": {', /not JSON/],
  ])('names the lock file when it %s, and writes nothing', async (_what, lock, reason) => {
    const { url } = await startServer()
    const file = join(directory, 'package-lock.json')
    await (lock === undefined ? rm(file) : writeFile(file, lock))

    const { code, text } = await said(url, directory)
    expect(code).toBe(1)
    expect(text).toContain(file)
    expect(text).toMatch(reason)
    expect(await written(url)).toEqual([])
  })
})

it('feeds this very repository', async () => {
  const { url } = await startServer()
  const { project } = await feed({ serverUrl: url })
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
    packages: object
  }
  expect(project.packages).toHaveLength(Object.keys(packages).length)
  expect(project.dependencies.length).toBeGreaterThan(project.packages.length)
})
