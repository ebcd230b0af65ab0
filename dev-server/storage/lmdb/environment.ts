import { mkdir, open as openFile, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Database, RootDatabase, open } from 'lmdb'
import { StreamError } from '../../../src/core/errors.ts'

/** An open LMDB environment. */
export interface Environment {
  /** The folder, without links in its name. */
  directory: string
  /** Everything that is stored. Keys are laid out in keys.ts. */
  data: RootDatabase<Buffer, Buffer>
  /** Who may write, apart so that a commit can depend on it. */
  owners: Database<string, string>
}

/** Address space, not disk or memory: a map that has room need not be replaced while it is used. */
const MAP_BYTES = 64 * 2 ** 30

/**
 * @throws {StreamError} `invalid` if `lmdb` is not installed, or the folder cannot be used.
 */
export async function openEnvironment(path: string): Promise<Environment> {
  const { open } = await loadLmdb()
  try {
    await mkdir(path, { recursive: true })
    const directory = await realpath(path)
    const data = open<Buffer, Buffer>({
      path: directory,
      // A folder may have a dot in its name.
      noSubdir: false,
      keyEncoding: 'binary',
      encoding: 'binary',
      // A commit is on disk before it counts: the data first, then the page that makes it valid.
      overlappingSync: false,
      // Batches are made here; with those of its own, lmdb leaves rejections that nobody can handle.
      eventTurnBatching: false,
      ...(process.platform === 'win32' ? {} : { mapSize: MAP_BYTES }),
    })
    const owners = data.openDB<string, string>('owners', { encoding: 'string', useVersions: true })
    // A new file is there after a power cut only if its folder is on disk too, and that one's.
    for (const folder of [directory, dirname(directory)]) await syncFolder(folder)
    return { directory, data, owners }
  } catch (cause) {
    throw new StreamError('invalid', `Cannot open a store in ${path}: ${reason(cause)}`, { cause })
  }
}

/** Not all systems can do it, nor are all folders ours to open. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await openFile(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

async function loadLmdb(): Promise<{ open: typeof open }> {
  try {
    return await import('lmdb')
  } catch (cause) {
    const message = `The LMDB storage needs the package lmdb: run "npm install lmdb" (${reason(cause)})`
    throw new StreamError('invalid', message, { cause })
  }
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
