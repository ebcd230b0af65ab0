import { linkedController } from '../../core/abort-link.ts'
import { StreamError } from '../../core/errors.ts'

/** Timers overflow beyond it. */
const LONGEST_MS = 2 ** 31 - 1

export interface Deadline {
  /** Aborts with the caller's signal, and when the time is up. */
  readonly signal: AbortSignal
  /** Whether the time was up before anything else happened. */
  hasPassed: () => boolean
  /** To be called when nothing is waited for any more. */
  end: () => void
}

/**
 * @param timeoutMs milliseconds from now; `Infinity` for ever.
 * @throws {StreamError} `invalid` for what is no time.
 */
export function startDeadline(timeoutMs: number, signal: AbortSignal | undefined): Deadline {
  if (!(timeoutMs > 0)) {
    throw new StreamError('invalid', `timeoutMs is ${timeoutMs}: give milliseconds, or Infinity`)
  }
  const controller = linkedController(signal)
  let isPassed = false
  const pass = (): void => {
    isPassed = !controller.signal.aborted
    // Without a reason it would be an error with a stack, made for nobody.
    controller.abort(1)
  }
  const timer = timeoutMs <= LONGEST_MS ? setTimeout(pass, timeoutMs) : undefined

  return {
    signal: controller.signal,
    hasPassed: () => isPassed,
    end() {
      clearTimeout(timer)
      controller.abort(1)
    },
  }
}
