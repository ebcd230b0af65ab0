import { linkedController } from '../../core/abort-link.ts'
import { onPageEvents } from '../../core/delay.ts'
import { createEndpoint, type EndpointOptions } from '../../core/endpoint.ts'
import { asStreamError, type StreamError } from '../../core/errors.ts'
import { itemRules } from './item-rules.ts'
import type { TextKeeper } from './keep-text.ts'
import type { StreamTextOptions } from './options.ts'
import { readText } from './read-text.ts'
import { addBatch, NO_TEXT, type TextSoFar } from './text-so-far.ts'
import type { TextView } from './text-view.ts'

/** When a page is left, or may be ended without another word. */
const LEAVING = ['pagehide', 'visibilitychange']

export interface VisitOptions {
  target: EndpointOptions
  options: StreamTextOptions
  view: TextView
  keeper: TextKeeper
  onError: (error: StreamError) => void
}

/** Reads a text for as long as it is shown. */
export interface TextVisits {
  visit: (signal: AbortSignal) => Promise<void>
  /**
   * Ends the reading; another begins unless the text is stopped.
   *
   * @param reads whether another begins also after one that ended by itself.
   */
  interrupt: (reads?: boolean) => void
}

export function createTextVisits({ target, options, view, ...rest }: VisitOptions): TextVisits {
  const { keeper, onError } = rest
  const { look } = view
  const rules = itemRules(options, onError)
  let current: AbortSignal | undefined
  let reading: AbortController | undefined
  let isAsked = false

  function keep(soFar: TextSoFar): void {
    view.put(soFar)
    keeper.changed()
  }

  /** @returns whether it ended by itself. */
  async function read(signal: AbortSignal): Promise<boolean> {
    try {
      await readText({
        endpoint: createEndpoint(target),
        waitMs: options.waitMs ?? 30_000,
        pauseWhenHidden: options.pauseWhenHidden,
        signal,
        look,
        take: (batch, isJson) => keep(addBatch(look(), batch, isJson ? rules : undefined)),
        onLost: () => keep(NO_TEXT),
        onStatus: view.setStatus,
      })
    } catch (cause) {
      if (signal.aborted) return false
      const error = asStreamError(cause)
      view.setStatus({ kind: 'error', error })
      onError(error)
    }
    return true
  }

  return {
    interrupt(reads = false) {
      isAsked = reads
      reading?.abort()
    },
    async visit(signal) {
      if (current !== signal) onPageEvents(LEAVING, keeper.flush, signal)
      current = signal
      let isEnded = false
      do {
        isAsked = false
        const life = linkedController(signal)
        reading = life
        isEnded = await (look().isStopped ? untilAborted(life.signal) : read(life.signal))
        life.abort()
      } while (!signal.aborted && (!isEnded || isAsked))
      keeper.flush()
      if (signal.aborted && current === signal && !isEnded) view.setStatus({ kind: 'idle' })
    },
  }
}

/** @returns false, as `read` does when it was told to end. */
function untilAborted(signal: AbortSignal): Promise<false> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(false)
    signal.addEventListener('abort', () => resolve(false))
  })
}
