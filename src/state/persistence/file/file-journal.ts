import { constants as fs } from 'node:fs'
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Turns } from '../in-turn.ts'
import type { Journal } from '../persistence.ts'
import { decodeLines, encodeLine } from './journal-lines.ts'

/** What a file holds: the name of its journal in the first line, in each other one a step. */
export interface JournalFile {
  name: string | undefined
  records: string[]
  /** Up to here it was written whole. */
  goodBytes: number
}

export async function readJournalFile(path: string): Promise<JournalFile> {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (isMissing(error)) return Buffer.alloc(0)
    throw error
  })
  const { values, goodBytes } = decodeLines(bytes)
  const [name, ...steps] = values as [string?, ...string[][]]
  return { name, records: steps.flat(), goodBytes }
}

/**
 * A journal in the file at `path`. What is acknowledged is on the disk. It expects nobody else to
 * write at the same time, as a lock makes sure.
 *
 * @param turns of all who write to this file in this process.
 */
export function openFileJournal(path: string, name: string, turns: Turns): Journal {
  /** Size of the file when it was last known to be whole. */
  let wholeBytes: number | undefined

  async function append(records: readonly string[]): Promise<void> {
    const file = await open(path, fs.O_RDWR | fs.O_CREAT)
    try {
      const { size } = await file.stat()
      const at = size === wholeBytes ? size : (await readJournalFile(path)).goodBytes
      // What a crash left behind must not become the beginning of this line.
      if (at < size) await file.truncate(at)
      const step = encodeLine(records)
      const bytes = Buffer.from(at === 0 ? encodeLine(name) + step : step)
      wholeBytes = undefined
      await writeAll(file, bytes, at)
      await file.sync()
      wholeBytes = at + bytes.length
      if (at === 0) await syncFolder(path)
    } finally {
      await file.close()
    }
  }

  async function replace(records: readonly string[]): Promise<void> {
    if (records.length === 0) {
      await rm(path, { force: true })
    } else {
      const unfinished = `${path}.tmp`
      const file = await open(unfinished, 'w')
      try {
        await file.appendFile(encodeLine(name))
        for (const record of records) await file.appendFile(encodeLine([record]))
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(unfinished, path)
    }
    wholeBytes = undefined
    await syncFolder(path)
  }

  return {
    read: () => turns.run(async () => (await readJournalFile(path)).records),
    append: (records) => turns.run(() => append(records)),
    replace: (records) => turns.run(() => replace(records)),
    close: () => turns.idle(),
  }
}

/** A write may take less than it is given. */
async function writeAll(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done)
    done += bytesWritten
  }
}

/** Has the names in the folder of `path` on the disk as well. */
async function syncFolder(path: string): Promise<void> {
  // Not every system can open a folder; those that cannot keep names in order by themselves.
  const folder = await open(dirname(path)).catch(() => undefined)
  await folder?.sync().catch(() => {})
  await folder?.close()
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT'
}
