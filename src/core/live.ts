import type * as Loaded from './live/index.ts'
import type { LiveFetch } from './live/live-fetch.ts'

type Live = typeof Loaded

let live: Promise<Live | void> | undefined

/**
 * What live reads need, and no other: loaded on first need, beside the read that comes before. Nothing
 * if it cannot be loaded; the next call tries again.
 */
export function loadLive(): Promise<Live | void> {
  return (live ??= import('./live/index.ts').catch(() => {
    live = undefined
  }))
}

/** For hosts that bring their own way: one with another clock or network than the globals. */
export function setLiveFetch(fetchLive: LiveFetch): void {
  live = import('./live/index.ts').then((loaded) => ({ ...loaded, fetchLive }))
}
