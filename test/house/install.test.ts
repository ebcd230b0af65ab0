import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

interface Install {
  isInstalled: (root: string) => Promise<boolean>
  ensureInstalled: (root: string) => Promise<void>
  checkNode: (version: string) => void
}

const url = new URL('../../scripts/install.mjs', import.meta.url).href
const { isInstalled, ensureInstalled, checkNode } = (await import(
  /* @vite-ignore */ url
)) as Install

type Packages = Record<string, { version?: string; integrity?: string; optional?: boolean }>

const zod = { version: '4.6.7', integrity: 'sha512-a' }
const tsx = { version: '4.20.6', integrity: 'sha512-b' }
const foreign = { version: '1.0.0', integrity: 'sha512-c', optional: true }

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'streamwell-install-'))
})

afterEach(async () => {
  await chmod(root, 0o700)
  await rm(root, { recursive: true })
})

async function write(wanted: Packages, present?: Packages): Promise<void> {
  const text = (packages: Packages): string => JSON.stringify({ packages: { '': {}, ...packages } })
  await writeFile(join(root, 'package-lock.json'), text(wanted))
  if (!present) return
  await mkdir(join(root, 'node_modules'))
  await writeFile(join(root, 'node_modules', '.package-lock.json'), text(present))
}

it.each<[string, boolean, Packages, Packages | undefined]>([
  ['nothing is installed', false, { zod }, undefined],
  ['all is there', true, { zod, tsx }, { zod, tsx }],
  ['a package is missing', false, { zod, tsx }, { zod }],
  ['a package for another platform is missing', true, { zod, foreign }, { zod }],
  ['a version differs', false, { zod }, { zod: { ...zod, version: '4.6.6' } }],
  ['a content differs', false, { zod }, { zod: { ...zod, integrity: 'sha512-x' } }],
  ['a package is there that the lock file does not name', false, { zod }, { zod, tsx }],
])('when %s, "is it installed?" is answered %s', async (_, answer, wanted, present) => {
  await write(wanted, present)
  expect(await isInstalled(root)).toBe(answer)
})

it('does not touch an install that is complete', async () => {
  await write({ zod }, { zod })
  await expect(ensureInstalled(root)).resolves.toBeUndefined()
})

it('names a folder that cannot be written, and the way out', async () => {
  await write({ zod })
  // A file in the place of the folder stops root too, whom no permission stops.
  await writeFile(join(root, 'node_modules'), '')
  await expect(ensureInstalled(root)).rejects.toThrow(
    `Cannot write to ${join(root, 'node_modules')} (EEXIST). Make it a folder that you can write`,
  )
})

it.each(['20.19.0', '20.20.2', '22.0.0'])('goes on with Node %s', (version) => {
  expect(() => checkNode(version)).not.toThrow()
})

it.each(['20.18.3', '18.20.0'])('refuses Node %s, and says which it wants', (version) => {
  expect(() => checkNode(version)).toThrow(`Node ${version} is too old: 20.19 or newer is needed`)
})
