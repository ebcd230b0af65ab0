import type { LiveFetch } from './live-fetch.ts'

/** Sends every live read by itself. */
export function createTurns(isLimited: (target: URL) => boolean): LiveFetch {
  return async ({ target, init, send }) => {
    isLimited(target)
    return send(target, init)
  }
}
