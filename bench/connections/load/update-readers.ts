import { createDeliveries, type Delivered } from './deliveries.ts'
import type { Plan } from './plan.ts'
import { followByHttp1 } from './readers/http1.ts'
import { followByHttp2 } from './readers/http2.ts'
import { followMultiplexed } from './readers/multiplexed.ts'
import type { Follow } from './readers/reader.ts'
import type { Wire } from './wire.ts'

/** How a client follows its streams. */
export type Way = 'multiplexed' | 'http1' | 'http2'

const WAYS: Readonly<Record<Way, Follow>> = {
  multiplexed: followMultiplexed,
  http1: followByHttp1,
  http2: followByHttp2,
}

export interface UpdateReaders {
  /** From the first connection until all were live. */
  liveMs: number
  /** What counts, counts from now on. */
  begin(): void
  /** See `Deliveries`. */
  finish(sequence: number, patienceMs: number): Promise<Delivered & { bytes: number }>
}

/** So many streams are asked for at a time, by whole clients. */
const AT_ONCE = 100

/** @param first the number of the first update to come, of each stream */
export async function openUpdateReaders(
  way: Way,
  url: string,
  plan: Plan,
  first: number,
): Promise<UpdateReaders> {
  const deliveries = createDeliveries(plan, first)
  const wires: Wire[] = []
  const began = performance.now()
  const clientsAtOnce = Math.max(1, Math.floor(AT_ONCE / plan.perClient))
  for (let client = 0; client < plan.clients; client += clientsAtOnce) {
    const some = Array.from({ length: Math.min(clientsAtOnce, plan.clients - client) }, (_, i) =>
      WAYS[way]({ number: client + i, plan, url, deliveries }),
    )
    wires.push(...(await Promise.all(some)).flat())
  }
  const liveMs = performance.now() - began
  const bytes = (): number => wires.reduce((sum, { bytesRead }) => sum + bytesRead, 0)
  let before = 0

  return {
    liveMs,
    begin() {
      deliveries.begin()
      before = bytes()
    },
    async finish(sequence, patienceMs) {
      const delivered = await deliveries.finish(sequence, patienceMs)
      return { ...delivered, bytes: bytes() - before }
    },
  }
}
