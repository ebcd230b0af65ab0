import { untilAborted } from '../abort.ts'
import { linkedController } from '../abort-link.ts'
import { joinBytes } from '../decode.ts'
import type { TurnAnswer } from './turns-answer.ts'
import type { TurnReader } from './turns-reader.ts'

/** Who waits in turn gives up a server that is silent for so long, in milliseconds, as readers of SSE do. */
const SILENCE_MS = 10_000

/** The URL of a reader's next request: by `live`, or by a plain read that no cache may answer. */
export function urlFor({ request, offset, cursor }: TurnReader, live?: string): URL {
  const url = new URL(request.target)
  const query = url.searchParams
  query.delete('cursor')
  query.set('offset', offset)
  if (live) {
    query.set('live', live)
    if (cursor) query.set('cursor', cursor)
  } else {
    query.delete('live')
    query.set('cache-buster', `${Date.now()}`)
  }
  query.sort()
  return url
}

/**
 * One turn: a request that is cut off after `windowMs` unless its answer has begun, or a plain read,
 * which never is. What fails ends the reader.
 *
 * @returns nothing when there is no answer.
 */
export async function takeTurn(
  reader: TurnReader,
  windowMs: number | undefined,
  onHeaders: () => void,
): Promise<TurnAnswer | undefined> {
  const { init, send } = reader.request
  const cut = linkedController(reader.signal)
  const { signal } = cut
  let isOverdue = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const watch = (ms: number, error?: Error): void => {
    clearTimeout(timer)
    if (signal.aborted) return
    timer = setTimeout(() => {
      isOverdue = !error
      cut.abort(error ?? 1)
    }, ms)
  }
  const silence = (): void => watch(SILENCE_MS, new Error(`Silent for ${SILENCE_MS} ms`))

  const ask = async (): Promise<TurnAnswer> => {
    const { status, headers, body } = await send(
      urlFor(reader, windowMs ? 'long-poll' : undefined),
      windowMs ? { ...init, signal } : { ...init, signal, cache: 'no-store' },
    )
    signal.throwIfAborted()
    onHeaders()
    const parts: Uint8Array[] = []
    const chunks = body?.getReader()
    for (;;) {
      silence()
      const chunk = await chunks?.read()
      if (!chunk?.value) return { status, headers, bytes: joinBytes(parts) }
      parts.push(chunk.value)
    }
  }

  if (windowMs) watch(windowMs)
  else silence()
  try {
    // Not every `fetch` minds its signal.
    return await untilAborted(ask(), signal)
  } catch (error) {
    if (!isOverdue) reader.end(error)
    return undefined
  } finally {
    clearTimeout(timer)
    cut.abort(1)
  }
}
