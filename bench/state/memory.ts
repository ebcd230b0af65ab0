import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

export interface MemoryUse {
  /** What is held after everything else was collected. */
  heapMegabytes: number
  /** The most that the process ever held. */
  peakMegabytes: number
}

export function measureMemory(): MemoryUse {
  const peakMegabytes = process.resourceUsage().maxRSS / 1000
  setFlagsFromString('--expose-gc')
  const collectGarbage = runInNewContext('gc') as () => void
  collectGarbage()
  collectGarbage()
  return { heapMegabytes: process.memoryUsage().heapUsed / 1e6, peakMegabytes }
}
