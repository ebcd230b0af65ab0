import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommitRow, DependencyRow, PackageRow } from '../src/board/schema.ts'
import { packageBytes } from './folder-size.ts'
import { readGitLog } from './git-log.ts'
import { parseLockFile, type LockFile } from './lock-file.ts'
import { dependencyRows, packageRows } from './lock-rows.ts'

/** The rows of the board as they are now. */
export interface Project {
  packages: PackageRow[]
  dependencies: DependencyRow[]
  /** The history, or why there is none. */
  history: { commits: CommitRow[] } | { missing: string }
}

/** Sizes that need not be measured again. */
export type KnownBytes = (path: string, version: string) => number | undefined

const MEASURED_AT_ONCE = 16

/** @throws {Error} naming the lock file when it cannot be read. */
export async function readProject(directory: string, knownBytes: KnownBytes): Promise<Project> {
  const lock = await readLockFile(join(directory, 'package-lock.json'))
  return {
    packages: await measure(directory, packageRows(lock), knownBytes),
    dependencies: dependencyRows(lock),
    history: await readGitLog(directory).then(
      (commits) => ({ commits }),
      (error: Error) => ({ missing: error.message }),
    ),
  }
}

async function readLockFile(path: string): Promise<LockFile> {
  try {
    return parseLockFile(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new Error(`Cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
}

async function measure(
  directory: string,
  rows: Omit<PackageRow, 'bytes'>[],
  knownBytes: KnownBytes,
): Promise<PackageRow[]> {
  const measured: PackageRow[] = []
  for (let start = 0; start < rows.length; start += MEASURED_AT_ONCE) {
    const some = rows.slice(start, start + MEASURED_AT_ONCE).map(async (row) => ({
      ...row,
      bytes: knownBytes(row.path, row.version) ?? (await bytesOf(directory, row.path)),
    }))
    measured.push(...(await Promise.all(some)))
  }
  return measured
}

/** Only what was installed has a size: the project and its workspaces are work in progress. */
async function bytesOf(directory: string, path: string): Promise<number | null> {
  return path.includes('node_modules/') ? packageBytes(join(directory, path)) : null
}
