import { asStreamError, type StreamError } from '../../core/errors.ts'
import type { Pending } from './replica.ts'

/** What became of some writes, by txid. */
export interface Sent {
  stored: ReadonlySet<string>
  refused: Map<string, StreamError>
}

/** Sends writes, each of which succeeds or fails for itself. */
export async function sendWrites<State, Action>(
  writes: readonly Pending<State, Action>[],
  append: (write: Pending<State, Action>) => Promise<unknown>,
): Promise<Sent> {
  const stored = new Set<string>()
  const refused = new Map<string, StreamError>()
  await Promise.all(
    writes.map(async (write) => {
      try {
        await append(write)
        stored.add(write.txid)
      } catch (cause) {
        refused.set(write.txid, asStreamError(cause, 'The write'))
      }
    }),
  )
  return { stored, refused }
}
