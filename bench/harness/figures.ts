import type { Figures } from './row.ts'
import { median } from './statistics.ts'

/** The median of each figure over the rounds. */
export function mediansOf(rounds: readonly Figures[]): Figures {
  const names = Object.keys(rounds[0]!)
  return Object.fromEntries(names.map((name) => [name, median(rounds.map((f) => f[name]!))]))
}

/** The figures of a round in one line, for who watches the run. */
export function shown(figures: Figures): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${Math.round(value * 100) / 100}`)
    .join('  ')
}
