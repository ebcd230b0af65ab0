import type { DependencyRow, PackageRow } from '../src/board/schema.ts'
import type { LockEntry, LockFile } from './lock-file.ts'
import { resolveDependency } from './resolve.ts'

/** Every package of a lock file but its size, which is not in there. */
export function packageRows({ name, packages }: LockFile): Omit<PackageRow, 'bytes'>[] {
  return [...packages]
    .filter(([, entry]) => !entry.link)
    .map(([folder, entry]) => ({
      path: rowPath(folder),
      name: entry.name ?? (folder === '' ? name : nameOfFolder(folder)),
      version: entry.version,
      licence: entry.license,
      dev: entry.dev || entry.devOptional,
      optional: entry.optional || entry.devOptional,
    }))
}

/** Every edge of a lock file: who asks for which range of what, and which package it gets. */
export function dependencyRows({ packages }: LockFile): DependencyRow[] {
  return [...packages].flatMap(([folder, entry]) =>
    asks(entry).map(({ kind, name, range }) => ({
      id: `${rowPath(folder)} ${kind} ${name}`,
      from: rowPath(folder),
      name,
      range,
      kind,
      to: reached(packages, folder, name),
    })),
  )
}

/** The key of the project itself cannot be empty, so it is written as a folder is in a shell. */
export function rowPath(folder: string): string {
  return folder === '' ? '.' : folder
}

function reached(packages: LockFile['packages'], from: string, name: string): string | null {
  const folder = resolveDependency(packages, from, name)
  if (folder === undefined) return null
  const { link, resolved } = packages.get(folder)!
  return link ? rowPath(resolved ?? folder) : folder
}

function asks(entry: LockEntry): Pick<DependencyRow, 'kind' | 'name' | 'range'>[] {
  const of = (kind: DependencyRow['kind'], ranges: Record<string, string>) =>
    Object.entries(ranges).map(([name, range]) => ({ kind, name, range }))
  return [
    ...of('prod', entry.dependencies),
    ...of('dev', entry.devDependencies),
    ...of('optional', entry.optionalDependencies),
    ...of('peer', entry.peerDependencies),
  ]
}

function nameOfFolder(folder: string): string {
  const inside = folder.split('node_modules/').at(-1)!
  return inside.startsWith('@') ? inside : inside.slice(inside.lastIndexOf('/') + 1)
}
