// Plays one seed and prints all that happens: npx tsx test/simulation/replay.ts <seed> [client folder]
import { replaceGlobals } from './globals.ts'
import { loadClient } from './client.ts'
import { simulate } from './simulate.ts'

const [seed, folder] = process.argv.slice(2)
const core = await loadClient(folder)
replaceGlobals()
const { failure, requests, messages } = await simulate(core, Number(seed), console.log)
console.log(
  `seed ${seed}: ${requests} requests, ${messages} messages: ${failure ?? 'nothing is wrong'}`,
)
process.exitCode = failure === undefined ? 0 : 1
