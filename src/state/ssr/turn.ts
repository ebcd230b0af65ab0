import { yieldToEventLoop } from '../yield-to-event-loop.ts'

/** How long others may wait for us, in milliseconds. */
const TURN_MS = 8

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
      last = last.then(yieldToEventLoop)
      await last
      startedAt = performance.now()
    },
  }
}
