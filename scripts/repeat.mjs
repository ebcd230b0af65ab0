import { join } from 'node:path'
import { ensureInstalled, ROOT } from './install.mjs'
import { run, stopAll } from './run.mjs'

const USAGE = 'npm run repeat -- <times> <vitest filter>   as in: npm run repeat -- 20 test/browser'

/** Runs the same tests again and again, and stops at the first failure. */
async function main([times, ...filter]) {
  if (!/^[1-9]\d*$/.test(times ?? '')) {
    console.error(`"${times ?? ''}" is not a number of times. ${USAGE}`)
    return 1
  }
  await ensureInstalled()
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  for (let round = 1; round <= Number(times); round++) {
    const code = await run(process.execPath, [vitest, 'run', ...filter], { cwd: ROOT })
    if (code !== 0) {
      console.error(`Failed in round ${round} of ${times}.`)
      return code
    }
    console.log(`Passed round ${round} of ${times}.`)
  }
  return 0
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => stopAll().finally(() => process.exit(1)))
}

main(process.argv.slice(2)).then((code) => (process.exitCode = code))
