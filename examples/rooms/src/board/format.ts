const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** Bytes as people read them: `0 B`, `1.2 kB`, `34 MB`. */
export function formatBytes(bytes: number): string {
  const step = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3))
  const amount = bytes / 1000 ** step
  const digits = step > 0 && amount < 10 ? 1 : 0
  return `${amount.toFixed(digits)} ${UNITS[step]}`
}

export function formatCount(count: number): string {
  return count.toLocaleString('en')
}

/** A day as `3 Jan 2026`, the same for every reader. */
export function formatDay(date: string): string {
  return new Date(date).toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  })
}
