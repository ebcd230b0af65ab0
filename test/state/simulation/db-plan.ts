import fc from 'fast-check'
import { anyWeather, type Weighted } from './weather.ts'
import type { Weather } from './simulated-line.ts'

/** What users do. Each draws from a few rows, so that they meet. */
export type Call =
  /** One draft of one row. */
  | { do: 'add'; row: number }
  /** Drafts of two rows in one transaction. */
  | { do: 'add-both' }
  /** Drafts of a pair: two collections, one transaction. */
  | { do: 'stamp'; pair: number }
  /** Makes a pair that is not there, deletes one that is. */
  | { do: 'toggle'; pair: number }
  | { do: 'insert' }
  /** An action, which writes its event by itself. */
  | { do: 'act' }
  | { do: 'delete'; row: number }

/** Something that happens, `afterMs` after what happened before. */
export interface Step {
  afterMs: number
  page: number
  event:
    | Call
    /** Somebody who has no database writes. */
    | { do: 'foreign'; pair: number; operation: 'upsert' | 'delete' }
    | { do: 'foreign-row'; row: number; isNamed: boolean }
    | { do: 'garbage'; nth: number }
    | { do: 'reset' }
    | { do: 'snapshot'; isWhole: boolean }
    | { do: 'lose' }
    | { do: 'weather'; weather: Weather }
    | { do: 'reload' }
}

export interface Plan {
  /** Rows are only ever counted up: then all adds up. */
  isCounting: boolean
  pages: number
  seed: number
  weather: Weather
  steps: Step[]
}

const row = fc.nat(5)
const pair = fc.nat(1)
const just = <Name extends string>(name: Name) => fc.constant({ do: name } as const)

const adding: Weighted<Step['event']>[] = [
  { weight: 12, arbitrary: row.map((nth) => ({ do: 'add', row: nth }) as const) },
  { weight: 5, arbitrary: just('add-both') },
  { weight: 5, arbitrary: fc.constant({ do: 'stamp', pair: 0 } as const) },
]
const writing: Weighted<Step['event']>[] = [
  { weight: 5, arbitrary: pair.map((nth) => ({ do: 'stamp', pair: nth }) as const) },
  { weight: 4, arbitrary: pair.map((nth) => ({ do: 'toggle', pair: nth }) as const) },
  { weight: 4, arbitrary: just('insert') },
  { weight: 2, arbitrary: just('act') },
  { weight: 3, arbitrary: row.map((nth) => ({ do: 'delete', row: nth }) as const) },
]
const others: Weighted<Step['event']>[] = [
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('foreign' as const),
      pair,
      operation: fc.constantFrom('upsert' as const, 'delete' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('foreign-row' as const),
      row,
      isNamed: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.nat(30).map((nth) => ({ do: 'garbage', nth }) as const) },
  { weight: 1, arbitrary: just('reset') },
  {
    weight: 1,
    arbitrary: fc.boolean().map((isWhole) => ({ do: 'snapshot', isWhole }) as const),
  },
  { weight: 1, arbitrary: just('lose') },
]

function plans(isCounting: boolean, ...events: Weighted<Step['event']>[]): fc.Arbitrary<Plan> {
  const { weather, happenings } = anyWeather
  const step = fc.record<Step>({
    afterMs: fc.constantFrom(0, 0, 0, 5, 20, 100, 600, 4000),
    page: fc.nat(7),
    event: fc.oneof(...events, ...happenings, { weight: 1, arbitrary: just('reload') }),
  })
  return fc.record({
    isCounting: fc.constant(isCounting),
    pages: fc.integer({ min: 2, max: 5 }),
    seed: fc.noShrink(fc.nat()),
    weather,
    steps: fc.array(step, { maxLength: 30, size: 'max' }),
  })
}

export const counting: fc.Arbitrary<Plan> = plans(true, ...adding)

export const anything: fc.Arbitrary<Plan> = plans(false, ...adding, ...writing, ...others)
