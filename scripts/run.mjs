import { spawn } from 'node:child_process'

const running = new Set()

/**
 * Runs a program to its end with our own output, and no input.
 *
 * @returns its exit code; 1 when a signal ended it.
 * @throws when it cannot be started.
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options })
    running.add(child)
    child.once('error', (error) => {
      running.delete(child)
      reject(error)
    })
    child.once('exit', (code) => {
      running.delete(child)
      resolve(code ?? 1)
    })
  })
}

/** Runs npm: the one that runs us, or the one on the path. */
export function runNpm(args, options = {}) {
  const ours = process.env.npm_execpath
  if (ours && /npm-cli\.c?js$/.test(ours)) return run(process.execPath, [ours, ...args], options)
  const isWindows = process.platform === 'win32'
  return run(isWindows ? 'npm.cmd' : 'npm', args, { shell: isWindows, ...options })
}

/** Ends every program that still runs, and waits until they are gone. */
export async function stopAll() {
  await Promise.all(
    [...running].map((child) => {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      return gone
    }),
  )
}
