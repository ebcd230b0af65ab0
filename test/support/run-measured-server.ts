import { createDurableStreamServer } from '../../dev-server/index.ts'
import type { Memory } from './measured-server.ts'

const server = createDurableStreamServer(JSON.parse(process.argv[2]!) as object)

process.on('message', () => void tellMemory())
void server.start().then((url) => process.send!(url))

async function tellMemory(): Promise<void> {
  // Twice, with a turn between: buffers are freed by finalizers.
  globalThis.gc!()
  await new Promise(setImmediate)
  globalThis.gc!()
  const { rss, external } = process.memoryUsage()
  const memory: Memory = { rss, external, peakRss: process.resourceUsage().maxRSS * 1024 }
  process.send!(memory)
}
