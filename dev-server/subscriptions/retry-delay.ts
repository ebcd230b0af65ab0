const FIRST_DELAY_MS = 1_000
const MAX_DELAY_MS = 60_000
const JITTER = 0.2

/**
 * How long to wait before sending a wake again that failed `failures` times: 1 s, doubled each time up
 * to 60 s, and up to 20 % more or less of that. Protocol section 9.
 *
 * @param jitter a random number in [0, 1)
 */
export function retryDelayMs(failures: number, jitter: number): number {
  const stepMs = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1))
  return Math.round(stepMs * (1 - JITTER + 2 * JITTER * jitter))
}
