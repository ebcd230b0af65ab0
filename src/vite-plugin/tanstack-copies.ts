import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** A copy of TanStack DB, and who imports it. */
export interface TanstackCopy {
  folder: string
  version: string
  importers: string[]
}

/** Packages that import it for the app, next to the app itself. */
const IMPORTERS = ['streamwell', '@tanstack/react-db', '@tanstack/solid-db']

/** The copies of TanStack DB that an app in the folder `root` would run on, its own first. */
export function findTanstackCopies(root: string): TanstackCopy[] {
  const copies = new Map<string, TanstackCopy>()
  const add = (importer: string, from: string | undefined): void => {
    const folder = from && folderOf('@tanstack/db', from)
    if (!folder) return
    const copy = copies.get(folder) ?? { folder, version: versionIn(folder), importers: [] }
    copies.set(folder, copy)
    copy.importers.push(importer)
  }
  add('the app', root)
  for (const name of IMPORTERS) add(name, folderOf(name, root))
  return [...copies.values()]
}

/** What is wrong with these copies, and the way out; nothing when nothing is. */
export function describeTanstackCopies(copies: readonly TanstackCopy[]): string | undefined {
  const [first, ...others] = copies
  const old = copies.find(({ version }) => !isSupported(version))
  if (old) {
    return (
      `@tanstack/db ${old.version}, which ${old.importers.join(' and ')} would use, ` +
      'is none that streamwell/state works with: install one from 0.9.2 on, below 1'
    )
  }
  if (!first || others.length === 0) return undefined
  const list = copies.map(({ version, importers }) => `${version} for ${importers.join(' and ')}`)
  return (
    `${copies.length} copies of @tanstack/db are installed: ${list.join(', ')}. ` +
    `Pages that Vite makes run on ${first.version} alone. What else runs them, such as a server or ` +
    'tests, has them all, and queries of one refuse collections of the other. To have one, put ' +
    `"@tanstack/db": "${first.version}" into "dependencies" and "overrides" of package.json ` +
    '(pnpm: "pnpm.overrides", yarn: "resolutions"), and install again'
  )
}

function isSupported(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number)
  return major === 0 && (minor > 9 || (minor === 9 && patch >= 2))
}

/** Where what stands in the folder `from` would find the package `name`. */
function folderOf(name: string, from: string): string | undefined {
  try {
    return dirname(createRequire(join(from, 'package.json')).resolve(`${name}/package.json`))
  } catch {
    return undefined
  }
}

function versionIn(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    version: string
  }
  return version
}
