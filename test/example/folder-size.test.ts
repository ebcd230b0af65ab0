import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { packageBytes } from '../../examples/rooms/feeder/folder-size.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder-size-'))
  await mkdir(join(folder, 'lib'))
  await mkdir(join(folder, 'node_modules/other'), { recursive: true })
  await writeFile(join(folder, 'index.js'), 'x'.repeat(10))
  await writeFile(join(folder, 'lib/deep.js'), 'x'.repeat(5))
  await writeFile(join(folder, 'node_modules/other/index.js'), 'x'.repeat(1000))
})
afterEach(() => rm(folder, { recursive: true }))

it('adds up the files of a package without the packages nested in it', async () => {
  expect(await packageBytes(folder)).toBe(15)
})

it('does not follow links out of the package', async () => {
  await symlink(tmpdir(), join(folder, 'away'))
  expect(await packageBytes(folder)).toBe(15)
})

it('does not know the size of what is not installed, or has too many files', async () => {
  expect(await packageBytes(join(folder, 'missing'))).toBeNull()
  expect(await packageBytes(folder, 1)).toBeNull()
})
