import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from '../support/imports.ts'
import { type ExampleName, ownEnvironment } from './ssr-server.ts'

const VITE = join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js')

/** Builds an example, in a process of its own: what it makes depends on the environment. */
export async function build(name: ExampleName): Promise<void> {
  await promisify(execFile)(process.execPath, [VITE, 'build', join('examples', name)], {
    cwd: ROOT,
    env: ownEnvironment(),
  })
}
