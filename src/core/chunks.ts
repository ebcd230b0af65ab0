import type { Line } from './line.ts'
import { disconnected } from './response-error.ts'

/**
 * The bytes of a body as they come.
 *
 * @throws {FetchError} when it breaks off, or falls silent.
 * @throws the reason of the line's signal, when it aborts.
 */
export async function* chunksOf(
  { url, body }: Response,
  line: Line,
): AsyncGenerator<Uint8Array, void> {
  const reader = body?.getReader()
  try {
    for (;;) {
      line.await()
      const chunk = await reader?.read()
      line.rest()
      if (!chunk?.value) return
      yield chunk.value
    }
  } catch (cause) {
    line.signal.throwIfAborted()
    throw disconnected('GET', url, cause)
  }
}
