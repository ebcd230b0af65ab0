import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { feed } from '../../examples/rooms/feed.ts'
import { openBoard, summarize } from '../../examples/rooms/src/board/board.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'

type Packages = Record<string, { version: string; dependencies?: Record<string, string> }>

async function project(): Promise<{
  directory: string
  write: (packages: Packages) => Promise<void>
}> {
  const directory = await mkdtemp(join(tmpdir(), 'board-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const write = (packages: Packages): Promise<void> =>
    writeFile(
      join(directory, 'package-lock.json'),
      JSON.stringify({ name: 'mine', lockfileVersion: 3, packages }),
    )
  return { directory, write }
}

it('a package knows how many ask for it and how many it asks for, and follows the next feed', async () => {
  const { url } = await startServer()
  const { directory, write } = await project()
  await write({
    '': { version: '0.0.0', dependencies: { a: '^1', b: '^1' } },
    'node_modules/a': { version: '1.0.0', dependencies: { b: '*', missing: '*' } },
    'node_modules/b': { version: '1.0.0' },
  })
  await feed({ serverUrl: url, directory })

  const board = openBoard(url)
  onTestFinished(() => board.close())
  const summaries = summarize(board)
  await Promise.all([board.preload(), summaries.preload()])
  const counts = (): Record<string, [number, number]> =>
    Object.fromEntries(
      summaries.toArray.map(({ name, dependents, dependencies }) => [
        name,
        [dependents, dependencies],
      ]),
    )
  expect(counts()).toEqual({ mine: [0, 2], a: [1, 2], b: [2, 0] })

  await write({
    '': { version: '0.0.0', dependencies: { a: '^1' } },
    'node_modules/a': { version: '1.0.1', dependencies: { c: '*' } },
    'node_modules/c': { version: '1.0.0' },
  })
  await feed({ serverUrl: url, directory })
  await eventually(() => expect(counts()).toEqual({ mine: [0, 1], a: [1, 1], c: [1, 0] }))
})
