import { yieldToEventLoop } from '../yield-to-event-loop.ts'

/** How long others may wait for us, in milliseconds. */
const TURN_MS = 8

/**
 * Nobody waits longer for the one before, in milliseconds. Where a request's work ends with the request,
 * as on edge runtimes, its turn may never end.
 */
const PATIENCE_MS = 1_000

let last: Promise<void> = /* @__PURE__ */ Promise.resolve()

/** A share of the time, of which others want some too. */
export interface Turn {
  isOver: () => boolean
  /** Resolves when it is our turn again. */
  next: () => Promise<void>
}

/**
 * Long work asks now and then whether its turn is over. However many work at a time, one of them does
 * between two looks of the event loop at its sockets: a server stays responsive.
 */
export function takeTurn(): Turn {
  let startedAt = performance.now()
  return {
    isOver: () => performance.now() - startedAt >= TURN_MS,
    async next() {
      last = after(last)
      await last
      startedAt = performance.now()
    },
  }
}

async function after(before: Promise<void>): Promise<void> {
  let timer
  const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)))
  await Promise.race([before, patience])
  clearTimeout(timer)
  await yieldToEventLoop()
}
