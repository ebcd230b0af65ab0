import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runNpm } from './run.mjs'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

// Said in full, since `npm --silent test` or NODE_ENV=production would change what it does or tells.
const NPM_CI = ['ci', '--include=dev', '--loglevel=notice', '--no-audit', '--no-fund']

const OLDEST_NODE = [20, 19]

/** A failure that needs a sentence, not a stack. */
export class SetupError extends Error {}

/**
 * Makes sure that what `package-lock.json` names is installed. Costs a few milliseconds when it is.
 *
 * @throws {SetupError} when Node is too old, the folder cannot be written, or npm fails.
 */
export async function ensureInstalled(root = ROOT) {
  checkNode(process.versions.node)
  if (await isInstalled(root)) return
  await checkWritable(join(root, 'node_modules'))
  console.log('Installing what package-lock.json names (npm ci) …')
  const code = await runNpm(NPM_CI, { cwd: root })
  if (code !== 0) {
    throw new SetupError(
      `npm ci failed with exit code ${code}; what it said is above. Without network, or behind a ` +
        `proxy, check \`npm ping\`; a broken install is cured by removing ${join(root, 'node_modules')}.`,
    )
  }
}

export function checkNode(version) {
  const [major, minor] = version.split('.').map(Number)
  const [oldestMajor, oldestMinor] = OLDEST_NODE
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  throw new SetupError(
    `Node ${version} is too old: ${OLDEST_NODE.join('.')} or newer is needed. ` +
      'Get one from https://nodejs.org, then run the command again.',
  )
}

/**
 * npm leaves a copy of the lock file in `node_modules` as its last act, so an install that was
 * interrupted, or made from another lock file, is seen.
 */
export async function isInstalled(root) {
  const wanted = await readPackages(join(root, 'package-lock.json'))
  const present = await readPackages(join(root, 'node_modules', '.package-lock.json')).catch(
    () => ({}),
  )
  const foreign = Object.keys(present).some((path) => !wanted[path])
  return (
    !foreign && Object.entries(wanted).every(([path, entry]) => isPresent(entry, present[path]))
  )
}

function isPresent(wanted, present) {
  if (!present) return wanted.optional === true // made for another platform
  return present.version === wanted.version && present.integrity === wanted.integrity
}

async function readPackages(file) {
  const { packages } = JSON.parse(await readFile(file, 'utf8'))
  delete packages['']
  return packages
}

async function checkWritable(folder) {
  const probe = join(folder, `.write-${process.pid}`)
  try {
    const existed = await access(folder).then(
      () => true,
      () => false,
    )
    await mkdir(folder, { recursive: true })
    await writeFile(probe, '')
    await rm(existed ? probe : folder, { recursive: true })
  } catch (error) {
    throw new SetupError(
      `Cannot write to ${folder} (${error.code}). Make it a folder that you can write (chown, chmod), ` +
        'or clone into a folder that you can write, then run the command again.',
      { cause: error },
    )
  }
}
