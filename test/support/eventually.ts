import { vi } from 'vitest'

/** Waits, for as long as even a slow machine takes, until `check` no longer throws. */
export function eventually<Result>(check: () => Result | Promise<Result>): Promise<Result> {
  return vi.waitFor(check, { timeout: 30_000, interval: 10 })
}
