import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

const MAX_FILES = 50_000

/**
 * Bytes of the files of one installed package, without the packages nested in it.
 *
 * @returns null when it is not installed, or has more files than anyone would wait for.
 */
export async function packageBytes(folder: string, maxFiles = MAX_FILES): Promise<number | null> {
  let files = 0
  try {
    return await sizeOf(folder)
  } catch {
    return null
  }

  async function sizeOf(directory: string): Promise<number> {
    const entries = await readdir(directory, { withFileTypes: true })
    let bytes = 0
    for (const entry of entries) {
      const path = join(directory, entry.name)
      if (entry.isDirectory()) bytes += entry.name === 'node_modules' ? 0 : await sizeOf(path)
      else if (entry.isFile()) bytes += (await lstat(path)).size
      if (entry.isFile() && ++files > maxFiles) throw new Error(`${folder} is too large`)
    }
    return bytes
  }
}
