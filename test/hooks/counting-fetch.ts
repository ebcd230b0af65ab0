import { readsLive } from '../support/live-reads.ts'
/** A fetch that shares its stores with no other, and counts the live connections. */
export function countingFetch(): { fetch: typeof fetch; open: () => number; opened: () => number } {
  let open = 0
  let opened = 0
  return {
    open: () => open,
    opened: () => opened,
    fetch(input, init) {
      if (readsLive(input)) {
        open++
        opened++
        init?.signal?.addEventListener('abort', () => open--)
      }
      return fetch(input, init)
    },
  }
}
