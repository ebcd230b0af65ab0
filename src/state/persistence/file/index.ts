import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { delay } from '../../../core/delay.ts'
import { createTurns, type Turns } from '../in-turn.ts'
import { createLocalLocks, once } from '../local-locks.ts'
import type { Persistence } from '../persistence.ts'
import { openFileJournal, readJournalFile } from './file-journal.ts'
import { fileNameOf } from './journal-lines.ts'
import { createLockFiles } from './lock-files.ts'

export type { Journal, Persistence, Release } from '../persistence.ts'

/** How often someone who waits for a lock looks, in milliseconds. */
const LOOK_MS = 50
const ENDING = '.journal'

export interface FilePersistenceOptions {
  /** A folder of its own, on a disk of this machine. It is made when it is missing. */
  folder: string
}

/**
 * Keeps journals in files, for Node. What was acknowledged is on the disk; a write that a crash tore
 * is not there. Locks hold among all processes of this machine, and end with their process.
 */
export function filePersistence({ folder }: FilePersistenceOptions): Persistence {
  const turnsOf = new Map<string, Turns>()
  const locksOfProcess = createLocalLocks()

  async function lockFile(name: string, wait: boolean, signal: AbortSignal | undefined) {
    await mkdir(folder, { recursive: true })
    const files = createLockFiles(folder, fileNameOf(name))
    for (;;) {
      const free = await files.take()
      if (free || !wait) return free
      await delay(LOOK_MS, signal)
    }
  }

  return {
    async open(name) {
      await mkdir(folder, { recursive: true })
      const turns = turnsOf.get(name) ?? createTurns()
      turnsOf.set(name, turns)
      return openFileJournal(join(folder, fileNameOf(name) + ENDING), name, turns)
    },
    async list(prefix) {
      await mkdir(folder, { recursive: true })
      const files = (await readdir(folder)).filter((file) => file.endsWith(ENDING))
      const found = await Promise.all(files.map((file) => readJournalFile(join(folder, file))))
      return found.flatMap(({ name, records }) =>
        name?.startsWith(prefix) && records.length > 0 ? [name] : [],
      )
    },
    async lock(name, { wait, signal }) {
      const release = await locksOfProcess(name, { wait, signal })
      if (!release) return undefined
      try {
        const free = await lockFile(name, wait, signal)
        if (free)
          return once(
            () =>
              void free()
                .catch(() => {})
                .finally(release),
          )
        release()
        return undefined
      } catch (error) {
        release()
        throw error
      }
    },
  }
}
