import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'tsdown'
import { ensureInstalled, ROOT, SetupError } from './install.mjs'
import { run, stopAll } from './run.mjs'

// npm run bench -- <suite> [workload…] [--quick]
//
// Programs are built first: what is measured is what users install, not what a loader makes of it.

const [suite, ...args] = process.argv.slice(2)

async function main() {
  await ensureInstalled()
  const folder = join(ROOT, 'bench', suite ?? '')
  if (suite === undefined || !(await exists(join(folder, 'index.ts')))) {
    throw new SetupError(`Name what to measure: ${(await suites()).join(', ')}`)
  }
  // Within node_modules, so that packages are found from there.
  const programs = join(ROOT, 'node_modules/.cache/streamwell-bench', suite)
  await build({
    config: false,
    entry: await entriesOf(folder),
    outDir: programs,
    format: 'esm',
    platform: 'node',
    dts: false,
    fixedExtension: false,
    deps: { skipNodeModulesBundle: true },
    logLevel: 'warn',
    cwd: ROOT,
  })
  process.exitCode = await run(process.execPath, [join(programs, 'index.js'), ...args], {
    cwd: ROOT,
  })
}

/** The suite itself, the program that makes its load, and each server that it compares. */
async function entriesOf(folder) {
  const servers = await readdir(join(folder, 'servers'))
  return ['index.ts', 'driver.ts', ...servers.map((file) => join('servers', file))].reduce(
    (entries, file) => ({ ...entries, [nameOf(file)]: join(folder, file) }),
    {},
  )
}

function nameOf(file) {
  return /([^/\\]+)\.ts$/.exec(file)[1]
}

async function suites() {
  const entries = await readdir(join(ROOT, 'bench'), { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const found = await Promise.all(
    names.map((name) => exists(join(ROOT, 'bench', name, 'index.ts'))),
  )
  return names.filter((_, i) => found[i])
}

function exists(path) {
  return access(path).then(
    () => true,
    () => false,
  )
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => stopAll().finally(() => process.exit(1)))
}

main().catch(async (error) => {
  await stopAll()
  console.error(error instanceof SetupError ? error.message : error)
  process.exitCode = 1
})
