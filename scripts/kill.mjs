import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { killAgainAndAgain } from '../test/support/killed-server.ts'

const USAGE = 'npm run kill -- <times>   as in: npm run kill -- 100'

/** Kills a server over LMDB in the midst of writing, and tells whether anything was lost. */
async function main([times = '10']) {
  if (!/^[1-9]\d*$/.test(times)) {
    console.error(`"${times}" is not a number of times. ${USAGE}`)
    return 1
  }
  const path = await mkdtemp(join(tmpdir(), 'streamwell-kill-'))
  try {
    const report = await killAgainAndAgain({
      path,
      kills: Number(times),
      onKill: (now) => console.log(JSON.stringify(now)),
    })
    return report.lost + report.repeated + report.misplaced === 0 ? 0 : 1
  } finally {
    await rm(path, { recursive: true })
  }
}

main(process.argv.slice(2)).then((code) => (process.exitCode = code))
