import { onPageEvents } from '../../core/delay.ts'
import { isPageHidden } from '../../core/line.ts'

/** What presence needs of the world besides a network: time, chance, and the page that it is on. */
export interface World {
  /** Milliseconds that never go back, whatever happens to the clock on the wall. */
  now: () => number
  random: () => number
  /** @returns what calls it off. */
  after: (ms: number, run: () => void) => () => void
  every: (ms: number, run: () => void) => () => void
  isHidden: () => boolean
  onPageEvents: (types: readonly string[], listener: () => void, signal: AbortSignal) => void
}

export const REAL_WORLD: World = {
  now: () => performance.now(),
  random: () => Math.random(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
  every(ms, run) {
    const timer = setInterval(run, ms)
    return () => clearInterval(timer)
  },
  isHidden: isPageHidden,
  onPageEvents,
}
