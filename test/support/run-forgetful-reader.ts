import { stream } from '../../src/core/index.ts'

/**
 * A program that reads the stream at its argument in every way, awaits nothing of it, and says so:
 * whatever happens to the stream must not end the process.
 */
const url = process.argv[2]!
const options = { url, backoff: { firstDelayMs: 1, maxDelayMs: 2, maxAttempts: 2 } }
let ended = 0

async function open(live: 'sse' | 'long-poll'): ReturnType<typeof stream> {
  return stream({
    ...options,
    live,
    onStatus: ({ kind }) => {
      if (kind === 'error' || kind === 'closed') process.send!(++ended)
    },
  })
}

function fail(): never {
  throw new Error('The callback failed')
}

for (const live of ['sse', 'long-poll'] as const) {
  const readers = await Promise.all(Array.from({ length: 9 }, () => open(live)))
  readers[0]!.subscribeJson(() => undefined)
  readers[1]!.subscribeText(() => undefined)
  readers[2]!.subscribeBytes(() => undefined)
  void readers[3]!.jsonStream()
  void readers[4]!.jsonStream().getReader()
  readers[5]!.subscribeJson(fail)
  readers[6]!.subscribeJson(async () => fail())
  readers[7]!.subscribeJson(() => undefined)()
  readers[8]!.cancel()
}
process.send!('reading')
// Alive until it is asked whether it is.
process.on('message', () => process.exit(0))
