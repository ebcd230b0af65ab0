import { seededRandom } from '../support/faulty-fetch.ts'

/** All that a seed decides is drawn from here. */
export interface Chance {
  /** From 0 to 1, without 1. */
  random: () => number
  happens: (probability: number) => boolean
  /** A whole number, both ends included. */
  between: (least: number, most: number) => number
  pick: <Value>(values: readonly Value[]) => Value
}

export function createChance(seed: number): Chance {
  const random = seededRandom(seed)
  const between = (least: number, most: number): number =>
    least + Math.floor(random() * (most - least + 1))
  return {
    random,
    happens: (probability) => random() < probability,
    between,
    pick: (values) => values[between(0, values.length - 1)]!,
  }
}
