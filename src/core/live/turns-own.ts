import { untilAborted } from '../abort.ts'
import { linkedController } from '../abort-link.ts'
import { SSE_CONTENT_TYPE } from '../protocol.ts'
import { urlFor } from './turns-ask.ts'
import type { TurnReader } from './turns-reader.ts'

/** Refusals that say that the server does not know what was asked for. */
export const UNKNOWN: readonly number[] = [400, 405, 406, 415, 501]

/** What holds SSE back brings nothing for so long, in milliseconds. */
const SILENCE_MS = 5000

/** A reader on a connection of its own, for as long as it reads. */
export interface OwnConnection {
  /** When it needs the connection no longer. */
  over: Promise<void>
  /** Ends it where it can be ended: without its answer it waits again, else it asks again. */
  giveUp(): void
}

/** @param onSse is told whether SSE works. */
export function openOwn(reader: TurnReader, onSse: (works: boolean) => void): OwnConnection {
  const { target, init, send } = reader.request
  const line = linkedController(reader.signal)
  const { signal } = line
  const abort = (): void => line.abort(1)
  const startedAt = Date.now()
  let isEvents = false
  let isSilent = reader.isSse

  const run = async (): Promise<void> => {
    const url = urlFor(reader, target.searchParams.get('live')!)
    const { status, headers, body } = await untilAborted(send(url, { ...init, signal }), signal)
    const chunks = body?.getReader()
    const isOk = status === 200
    isEvents = isOk && !!headers.get('content-type')?.startsWith(SSE_CONTENT_TYPE)
    if (reader.isSse && (isOk ? !isEvents : UNKNOWN.includes(status))) onSse(false)
    reader.answer(status, headers, {
      async read() {
        const chunk = await chunks?.read()
        if (chunk?.value && isEvents) onSse(true)
        isSilent &&= !chunk?.value
        return chunk?.value
      },
    })
    await ended(reader.signal)
  }

  return {
    over: run()
      .catch((error: unknown) => {
        if (!signal.aborted || reader.signal.aborted) reader.end(error)
      })
      .finally(() => {
        if (isSilent && Date.now() - startedAt >= SILENCE_MS) onSse(false)
        abort()
      }),
    giveUp() {
      if (!reader.isAnswered()) abort()
      else if (isEvents) reader.end()
    },
  }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve())
  })
}
