import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createFolder } from '../support/folder.ts'
import { ROOT } from '../support/imports.ts'

export type ExampleName = 'react-ssr' | 'solid-ssr' | 'tanstack-start' | 'next'

/** An example, started by its command in package.json; its streams outlive a restart. */
export interface SsrServer {
  /** The origin of its pages, without a slash at its end. */
  origin: string
  /** Where its streams are. */
  streamsUrl: string
  /** Ends the process, and starts it again on the same port once `meanwhile` is done. */
  restart(meanwhile?: () => Promise<unknown>): Promise<void>
  close(): Promise<void>
}

/** @param options more of the command line, such as `--built`. */
export async function startSsrExample(
  name: ExampleName,
  options: readonly string[] = [],
): Promise<SsrServer> {
  const folder = await createFolder()
  const start = (port: string): Promise<Running> => run(name, port, options, folder.path)
  let running = await start('0')
  const { origin } = running
  return {
    origin,
    streamsUrl: `${origin}/v1/stream`,
    restart: async (meanwhile) => {
      await end(running.process)
      await meanwhile?.()
      running = await start(new URL(origin).port)
    },
    close: async () => {
      await end(running.process)
      await folder.remove()
    },
  }
}

interface Running {
  process: ChildProcess
  origin: string
}

async function run(
  name: ExampleName,
  port: string,
  options: readonly string[],
  folder: string,
): Promise<Running> {
  const host = name === 'next' ? '--hostname' : '--host'
  const args = [...commandOf(name), '--port', port, host, '127.0.0.1', ...options]
  const process = spawn(args[0]!, args.slice(1), {
    cwd: ROOT,
    // A group of its own, since some of these commands start others.
    detached: true,
    env: { ...environment(), STREAMS_FOLDER: folder, NEXT_TELEMETRY_DISABLED: '1' },
  })
  return { process, origin: await addressOf(process, args.join(' ')) }
}

/** The script of package.json, as npm runs it, but as a process that can be ended. */
function commandOf(name: ExampleName): string[] {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const [program, ...args] = scripts[`start:${name}`]!.split(' ')
  const file = program === 'node' ? program : join(ROOT, 'node_modules', '.bin', program!)
  return [file!, ...args]
}

/** Without what the runner of the tests says of itself, which would make a page be a test's. */
function environment(): NodeJS.ProcessEnv {
  const { NODE_ENV: _, VITEST: __, ...others } = process.env
  return others
}

async function addressOf(process: ChildProcess, command: string): Promise<string> {
  let said = ''
  return new Promise((resolve, reject) => {
    const listen = (bytes: Buffer): void => {
      said += String(bytes)
      // Colours are between the parts of an address, too.
      // eslint-disable-next-line no-control-regex
      const address = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(said.replaceAll(/\u001B\[\d+m/g, ''))
      if (address) resolve(address[0])
    }
    process.stdout!.on('data', listen)
    process.stderr!.on('data', listen)
    process.once('error', reject)
    process.once('exit', (code) => reject(new Error(`${command} ended with ${code}:\n${said}`)))
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  process.kill(-child.pid!, 'SIGKILL')
  await ended
}
