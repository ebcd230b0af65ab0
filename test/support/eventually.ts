import { vi } from 'vitest'

/** Waits, for a short while of real time, until `check` no longer throws. */
export function eventually<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  return vi.waitFor(check, { timeout: 10_000, interval: 10 })
}
