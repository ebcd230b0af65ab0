import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
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
  const start = (script: string, port: string): Promise<Running> =>
    run(script, [port, hostOption(name), '127.0.0.1', ...options], folder.path)
  const script = scriptOf(name)
  let running = await start(script, '0')
  const { origin } = running
  return {
    origin,
    streamsUrl: `${origin}/v1/stream`,
    restart: async (meanwhile) => {
      await end(running.child)
      await meanwhile?.()
      // What was built first is still there.
      running = await start(script.split('&&').at(-1)!, new URL(origin).port)
    },
    close: async () => {
      await end(running.child)
      await folder.remove()
    },
  }
}

interface Running {
  child: ChildProcess
  origin: string
}

async function run(script: string, options: readonly string[], folder: string): Promise<Running> {
  const command = [script, '--port', ...options].join(' ')
  const child = spawn(command, {
    cwd: ROOT,
    shell: true,
    // A group of its own, since these commands start others.
    detached: true,
    env: { ...ownEnvironment(), STREAMS_FOLDER: folder, NEXT_TELEMETRY_DISABLED: '1' },
  })
  // Also when the tests end in the middle.
  process.once('exit', () => kill(child))
  try {
    return { child, origin: await addressOf(child, command) }
  } catch (error) {
    await end(child)
    throw error
  }
}

const hostOption = (name: ExampleName): string => (name === 'next' ? '--hostname' : '--host')

/** As npm runs it. */
function scriptOf(name: ExampleName): string {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  return scripts[`start:${name}`]!
}

/** Without what the runner of the tests says of itself, which would make a page be a test's. */
export function ownEnvironment(): NodeJS.ProcessEnv {
  const { NODE_ENV: _environment, VITEST: _runner, PATH = '', ...others } = process.env
  return { ...others, PATH: `${join(ROOT, 'node_modules', '.bin')}${delimiter}${PATH}` }
}

async function addressOf(child: ChildProcess, command: string): Promise<string> {
  let said = ''
  return new Promise((resolve, reject) => {
    const listen = (bytes: Buffer): void => {
      said += String(bytes)
      // Colours are between the parts of an address, too.
      // eslint-disable-next-line no-control-regex
      const address = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(said.replaceAll(/\u001B\[\d+m/g, ''))
      if (address) resolve(address[0])
    }
    child.stdout!.on('data', listen)
    child.stderr!.on('data', listen)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`${command} ended with ${code}:\n${said}`)))
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const ended = once(child, 'exit')
  kill(child)
  await ended
}

/** With all that it has started. */
function kill(child: ChildProcess): void {
  if (!hasEnded(child)) process.kill(-child.pid!, 'SIGKILL')
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null
