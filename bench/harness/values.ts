import type { Figures, Value } from './row.ts'

/** Appends per second, with the 99th percentile if there is one. */
export function rate(figures: Figures | undefined, name = 'perSecond'): Value | undefined {
  const value = figures?.[name]
  if (value === undefined) return undefined
  const { p99Ms } = figures!
  return { value, unit: '/s', ...(p99Ms !== undefined && { also: `p99 ${show(p99Ms)} ms` }) }
}

/** A figure by its name, with something else worth knowing. */
export function measured(
  figures: Figures | undefined,
  name: string,
  unit: string,
  also?: string,
): Value | undefined {
  const value = figures?.[name]
  return value === undefined ? undefined : { value, unit, ...(also !== undefined && { also }) }
}

/** The 99th percentile, with the median beside it. */
export function percentiles(figures: Figures | undefined): Value | undefined {
  if (!figures) return undefined
  const { p50Ms = NaN } = figures
  return measured(
    figures,
    'p99Ms',
    'ms',
    Number.isFinite(p50Ms) ? `p50 ${show(p50Ms)} ms` : undefined,
  )
}

/** Three digits that matter, thousands apart. */
export function show(value: number): string {
  if (!Number.isFinite(value)) return '∞'
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

/** `a / b`, or undefined while one of them is unknown. */
export function ratio(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b
}

export function atLeast(value: number | undefined, bound: number): boolean | undefined {
  return value === undefined ? undefined : value >= bound
}

export function atMost(value: number | undefined, bound: number): boolean | undefined {
  return value === undefined ? undefined : value <= bound
}

/** Whether all hold; undefined if one is unknown and none is false. */
export function all(...met: (boolean | undefined)[]): boolean | undefined {
  if (met.includes(false)) return false
  return met.includes(undefined) ? undefined : true
}
