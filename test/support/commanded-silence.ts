import { onTestFinished, vi } from 'vitest'

/**
 * Clients watch for silence by timers that stand still from now on, until the calling test ends; the
 * network goes on by real time.
 *
 * @returns lets so many milliseconds of silence pass.
 */
export function commandSilence(): (ms: number) => void {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
  onTestFinished(() => void vi.useRealTimers())
  return (ms) => void vi.advanceTimersByTime(ms)
}
