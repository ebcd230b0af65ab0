import { readFile } from 'node:fs/promises'
import { uptime } from 'node:os'

/** The clock of a machine may be set while it runs, in seconds. */
const CLOCK_SLACK = 600

/** Names this process, so that others can tell whether it still lives. */
export async function thisProcess(): Promise<string> {
  return `${process.pid} ${await startOf(process.pid)}`
}

/** Whether a process lives that {@link thisProcess} named so. */
export async function isAlive(name: string): Promise<boolean> {
  const [pid = 0, started = 0] = name.split(' ').map(Number)
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    // One that we may not signal lives.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return Math.abs((await startOf(pid)) - started) <= (started < 0 ? CLOCK_SLACK : 0)
}

/**
 * When the process started, in ticks since the machine did: numbers of processes come again, and in
 * a container that is restarted always the same. Where processes do not tell, when the machine did,
 * in seconds since 1970, as a negative number.
 */
async function startOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined)
  // The 20th field after the name of the program, which may hold anything.
  const ticks = Number(stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19])
  return ticks > 0 ? ticks : -Math.round(Date.now() / 1000 - uptime())
}
