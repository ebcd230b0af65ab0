import type { BackoffPolicy } from './backoff.ts'

export interface ProducerOptions {
  /** Counts the restarts of this producer, from 0 (default). It must grow with each; see `autoClaim`. */
  epoch?: number | undefined
  /**
   * Takes the next epoch when another producer has a newer one, or the server forgot this one, as long
   * as nothing could be stored twice by that. Default `false`: the producer fails.
   */
  autoClaim?: boolean | undefined
  /** A batch is sent once it has so many bytes (of text: characters). Default 1 MiB. */
  maxBatchBytes?: number | undefined
  /** A batch is sent so many milliseconds after its first value, if not before. Default 5. */
  lingerMs?: number | undefined
  /** Most batches on their way at once. Default 5. */
  maxInFlight?: number | undefined
  /** `append` asks to wait while more bytes than this are not acknowledged. Default 8 MiB. */
  maxBufferedBytes?: number | undefined
  /** How each batch is retried. Default: the stream's. */
  backoff?: Partial<BackoffPolicy> | undefined
  /** Is told when the producer fails, and of each value that is refused. */
  onError?: ((error: unknown) => void) | undefined
  /** Makes the producer fail with its reason: what is not acknowledged is given up. */
  signal?: AbortSignal | undefined
  /**
   * Keeps what is not acknowledged over a crash. A batch is sent only once it is kept, and `append`
   * resolves then. What an earlier process left is sent at once.
   */
  store?: ProducerStore | undefined
}

/** A batch that is not acknowledged. */
export interface StoredBatch {
  epoch: number
  seq: number
  /** How many values it holds. */
  count: number
  /** Whether it closes the stream. */
  close: boolean
  /** JSON, or bytes as the characters of the same numbers; empty only to close. */
  body: string
}

/** What a producer must remember to go on after a crash: plain JSON. */
export interface ProducerState {
  /** Epoch of the next batch. */
  epoch: number
  /** Sequence number of the next batch. */
  seq: number
  /** In the order in which they were made. */
  batches: readonly StoredBatch[]
}

/**
 * Where a producer keeps its state, under its own id: a file, IndexedDB, a row. One process at a time
 * may use it; a second one that loads it puts the first out of action, which meets a newer epoch.
 */
export interface ProducerStore {
  /** Nothing when there is none yet. */
  load(): Promise<ProducerState | undefined>
  /** Resolves when `state` would survive a crash. Calls do not overlap. */
  save(state: ProducerState): Promise<void>
}
