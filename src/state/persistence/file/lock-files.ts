import { link, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomId } from '../../../core/random-id.ts'
import { isAlive, thisProcess } from './process-name.ts'

/** What is in the file of a lock that was given back. */
const FREE = 'free'

/**
 * A lock as numbered files, `<name>.<number>.lock`, each with the process that it belongs to. The
 * highest number is what counts. Who finds it free, or its process gone, takes the lock by making the
 * next one, which only one can; and the highest is never removed, so nobody can take an old one.
 */
export interface LockFiles {
  /** @returns what releases it, or nothing while a living process has it. */
  take: () => Promise<(() => Promise<void>) | undefined>
}

export function createLockFiles(folder: string, name: string): LockFiles {
  const pathOf = (number: number): string => join(folder, `${name}.${number}.lock`)

  async function numbers(): Promise<number[]> {
    const parts = (await readdir(folder)).map((file) => file.split('.'))
    const own = parts.filter(([of, , kind]) => of === name && kind === 'lock')
    return own.map(([, number]) => Number(number)).toSorted((a, b) => a - b)
  }

  /** Makes a file with all of its content at once. @returns false when it is there already. */
  async function make(path: string, content: string): Promise<boolean> {
    const unfinished = join(folder, `${randomId()}.tmp`)
    await writeFile(unfinished, content)
    try {
      await link(unfinished, path)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    } finally {
      await rm(unfinished, { force: true })
    }
  }

  async function isTaken(path: string): Promise<boolean> {
    // Removed meanwhile: there is a higher one by now.
    const holder = await readFile(path, 'utf8').catch(() => undefined)
    return holder === undefined || (holder !== FREE && (await isAlive(holder)))
  }

  async function free(number: number): Promise<void> {
    const unfinished = join(folder, `${randomId()}.tmp`)
    await writeFile(unfinished, FREE)
    await rename(unfinished, pathOf(number))
  }

  return {
    async take() {
      const last = (await numbers()).at(-1) ?? 0
      if (last > 0 && (await isTaken(pathOf(last)))) return undefined
      const own = last + 1
      if (!(await make(pathOf(own), await thisProcess()))) return undefined
      const others = (await numbers()).filter((number) => number !== own)
      if (others.some((number) => number > own)) {
        await rm(pathOf(own), { force: true })
        return undefined
      }
      await Promise.all(others.map((number) => rm(pathOf(number), { force: true })))
      return () => free(own)
    },
  }
}
