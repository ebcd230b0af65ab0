import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { ServerOptions } from '../../dev-server/index.ts'

const SCRIPT = fileURLToPath(new URL('run-measured-server.ts', import.meta.url))

/** What a process needs, in bytes. */
export interface Memory {
  /** Resident now, and at most since the start. */
  rss: number
  peakRss: number
  /** Buffers, which the heap does not hold. */
  external: number
}

/** A server in a process of its own, so that its memory can be told from that of the test. */
export interface MeasuredServer {
  url: string
  /** After a collection of garbage. */
  memory: () => Promise<Memory>
}

/** Starts one; it ends with the calling test. Options must be plain JSON. */
export async function startMeasuredServer(options: ServerOptions = {}): Promise<MeasuredServer> {
  const child = spawn(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', SCRIPT, JSON.stringify({ port: 0, ...options })],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  )
  onTestFinished(async () => {
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  })
  const url = await reply<string>(child)
  return {
    url,
    memory() {
      child.send('memory')
      return reply<Memory>(child)
    },
  }
}

async function reply<Value>(child: ChildProcess): Promise<Value> {
  const exit = once(child, 'exit').then(([code]) => {
    throw new Error(`The server exited with ${code}`)
  })
  const [value] = (await Promise.race([once(child, 'message'), exit])) as [Value]
  return value
}
