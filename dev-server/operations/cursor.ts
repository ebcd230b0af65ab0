const EPOCH_MS = Date.UTC(2024, 9, 9)
const INTERVAL_MS = 20_000
const MAX_JITTER_S = 3600

/**
 * The cursor of a live answer: the number of the present 20 s interval, or, to a client that has been
 * there already, a strictly larger number (by a jitter of up to an hour), so that no cache between
 * can make it go in circles. Protocol section 5, cursor.
 *
 * @param now milliseconds since 1970
 * @param random a number in [0, 1)
 */
export function nextCursor(known: string | undefined, now: number, random: () => number): string {
  const interval = Math.floor((now - EPOCH_MS) / INTERVAL_MS)
  const last = known !== undefined && /^\d{1,15}$/.test(known) ? Number(known) : -1
  if (last < interval) return String(interval)
  const jitterMs = (1 + random() * (MAX_JITTER_S - 1)) * 1000
  return String(last + Math.ceil(jitterMs / INTERVAL_MS))
}
