import { readdir, readFile } from 'node:fs/promises'

/**
 * Microseconds of processor time that a process has had, over all of its threads: finer than the
 * hundredths of a second of `/proc/<pid>/stat`, for loads that take less. Linux only.
 */
export async function processorUs(pid: number): Promise<number> {
  const tasks = `/proc/${pid}/task`
  const told = await Promise.all(
    (await readdir(tasks)).map((task) => readFile(`${tasks}/${task}/schedstat`, 'utf8')),
  )
  return told.reduce((sum, line) => sum + Number(line.split(' ')[0]), 0) / 1000
}
