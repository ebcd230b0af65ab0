import type { Arrival, BytesArrival, JsonBatch, TextArrival } from './batch.ts'
import type { LiveMode } from './read-state.ts'

/**
 * A stream being read: pick one of the reading methods. `offset` moves only past what was handed
 * over, so saving it and resuming there gives everything exactly once. (`offset`, `cursor`,
 * `upToDate` and `streamClosed` say how far that is.)
 */
export interface StreamResponse<Item = unknown> extends Readonly<Arrival> {
  readonly url: string
  readonly contentType: string
  readonly startOffset: string
  readonly live: LiveMode
  /** Resolves when reading has ended: closed, cancelled, or done. Rejects when it failed. */
  readonly closed: Promise<void>

  /** All items up to the present end of a JSON stream. */
  json(): Promise<Item[]>
  /** All text up to the present end. */
  text(): Promise<string>
  /** All bytes up to the present end. */
  body(): Promise<Uint8Array>

  /** Items as they come, also those of the future when live. */
  jsonStream(): ReadableStream<Item>
  textStream(): ReadableStream<string>
  bodyStream(): ReadableStream<Uint8Array>

  /** JSON batches, for `for await`. Leaving the loop ends the reading. */
  jsonBatches(): AsyncGenerator<JsonBatch<Item>, void>

  /**
   * Calls back for each batch of a JSON stream, and waits for the callback before it reads on.
   *
   * @returns a function that ends the reading. How it ended, and what the callback threw: `closed`.
   */
  subscribeJson(onItems: (batch: JsonBatch<Item>) => unknown): () => void
  /** Like {@link subscribeJson}, for text. */
  subscribeText(onText: (arrival: TextArrival) => unknown): () => void
  /** Like {@link subscribeJson}, for bytes. */
  subscribeBytes(onBytes: (arrival: BytesArrival) => unknown): () => void

  /** Ends the reading at once: no further request, no further callback. */
  cancel(reason?: unknown): void
}
