import type { Arrival, Batch } from './batch.ts'
import { StreamError } from './errors.ts'

/** The one reader of a response, under all its ways of reading. */
export interface Reader {
  /** How far was handed over. */
  at: Arrival
  readonly closed: Promise<void>
  /**
   * Begins to read.
   *
   * @returns what gives the next batch, as `take` made it; nothing at the end.
   * @throws {StreamError} `invalid` the second time.
   */
  read<A>(take: (batch: Batch) => A | Promise<A>): () => Promise<A | undefined>
  cancel(reason?: unknown): void
}

/** However the reading ends, the connection ends, and `closed` tells. */
export function createReader(
  url: string,
  at: Arrival,
  first: Batch | undefined,
  batches: AsyncGenerator<Batch, void>,
  controller: AbortController,
): Reader {
  let isTaken = false
  let fail: (error: unknown) => void
  const closed = new Promise<void>((resolve, reject) => {
    fail = reject
    controller.signal.addEventListener('abort', () => {
      resolve()
      // What waits to hand over a batch frees its connection now.
      batches.return().catch(ignore)
    })
  })
  // Not awaiting `closed` is allowed; its failure must not end the process.
  closed.catch(ignore)
  const cancel = (reason?: unknown): void => controller.abort(reason)

  return {
    at,
    closed,
    cancel,
    read(take) {
      if (isTaken) {
        throw new StreamError('invalid', `${url} is read already: call stream() again`)
      }
      isTaken = true
      return async () => {
        try {
          const batch = first ?? (await batches.next()).value
          first = undefined
          controller.signal.throwIfAborted()
          if (batch) return await take(batch)
          cancel()
        } catch (error) {
          fail(error)
          cancel(error)
          throw error
        }
        return undefined
      }
    },
  }
}

function ignore(): void {}
