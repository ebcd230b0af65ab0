/** What fits into a message. */
const WRAP_US = 1e12

/** Microseconds on a clock that all processes of the machine share. */
export function sharedClockUs(): number {
  return Number(process.hrtime.bigint() / 1000n) % WRAP_US
}

/** Milliseconds since `us` of that clock. */
export function sinceMs(us: number): number {
  return (sharedClockUs() - us) / 1000
}
