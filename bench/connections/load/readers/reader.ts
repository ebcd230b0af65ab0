import type { Deliveries } from '../deliveries.ts'
import type { Plan } from '../plan.ts'
import type { Wire } from '../wire.ts'

/** What one client needs to know. */
export interface Client {
  /** Its number in the plan. */
  number: number
  plan: Plan
  /** Where the streams live. */
  url: string
  deliveries: Deliveries
}

/** Follows the streams of a client from their ends; resolves once all are live. */
export type Follow = (client: Client) => Promise<Wire[]>

const LIVE = '"upToDate":true'

/**
 * Tells when so many streams have said that they are live, by what comes before the first update.
 *
 * @returns takes the bytes of a body, until then; gives back whether that was before.
 */
export function untilLive(streams: number, onLive: () => void): (bytes: Buffer) => boolean {
  let left = streams
  let kept = ''
  return (bytes) => {
    if (left === 0) return false
    const text = kept + bytes.toString('latin1')
    const parts = text.split(LIVE)
    left -= parts.length - 1
    kept = parts.at(-1)!.slice(-LIVE.length)
    if (left === 0) onLive()
    return true
  }
}
