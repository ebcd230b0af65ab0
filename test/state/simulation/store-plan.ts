import fc from 'fast-check'
import type { StoreKind } from '../../../src/state/store/entry.ts'
import type { Call } from './list-app.ts'
import type { Weather } from './simulated-line.ts'
import { anyWeather, type Weighted as WeightedEvent } from './weather.ts'

/** Something that happens, `afterMs` after what happened before. */
export interface Step {
  afterMs: number
  /** To whom; taken modulo the number of pages. */
  page: number
  event:
    | Call
    /** Everything until then in one request of somebody else's, who knows nothing of stores. */
    | { do: 'foreign'; isNamed: boolean }
    | { do: 'garbage'; nth: number }
    | { do: 'reset' }
    /** The server loses the stream. */
    | { do: 'lose' }
    | { do: 'weather'; weather: Weather }
    /** The page is closed in the middle of whatever it does, and opened anew. */
    | { do: 'reload' }
    /** Nobody looks at it any more; somebody does again. */
    | { do: 'leave' }
    | { do: 'come' }
    | { do: 'retry' }
    | { do: 'dismiss' }
}

export interface Plan {
  kind: StoreKind
  /** Whether the server may lose the stream, which it does in half of all plans. */
  isLossy: boolean
  /** What pages keep for the next one of the same name. */
  keeps: 'nothing' | 'checkpoint' | 'all'
  pages: number
  /** Decides what the network does. */
  seed: number
  weather: Weather
  steps: Step[]
}

const call = (name: 'set' | 'update' | 'fragile-update' | 'claim') =>
  fc.constant({ do: name } as const)
const dispatch = (action: 'add' | 'clear' | 'same' | 'fragile') =>
  fc.constant({ do: 'dispatch', action } as const)
const happening = (name: 'reset' | 'lose' | 'reload' | 'leave' | 'come' | 'retry' | 'dismiss') =>
  fc.constant({ do: name } as const)

type Weighted = WeightedEvent<Step['event']>

const anyPage: Weighted[] = [
  ...anyWeather.happenings,
  { weight: 1, arbitrary: happening('reload') },
  { weight: 1, arbitrary: happening('leave') },
  { weight: 1, arbitrary: happening('come') },
  { weight: 1, arbitrary: happening('retry') },
  { weight: 1, arbitrary: happening('dismiss') },
]
const anyServer: Weighted[] = [
  { weight: 1, arbitrary: happening('reset') },
  { weight: 1, arbitrary: happening('lose') },
  {
    weight: 2,
    arbitrary: fc.boolean().map((isNamed) => ({ do: 'foreign', isNamed }) as const),
  },
  { weight: 2, arbitrary: fc.nat(30).map((nth) => ({ do: 'garbage', nth }) as const) },
]

function plans(kind: StoreKind, ...events: Weighted[]): fc.Arbitrary<Plan> {
  const step = fc.record<Step>({
    afterMs: fc.constantFrom(0, 0, 0, 5, 20, 100, 600, 4000),
    page: fc.nat(7),
    event: fc.oneof(...events),
  })
  return fc.record({
    kind: fc.constant(kind),
    isLossy: fc.boolean(),
    keeps: fc.constantFrom('nothing', 'nothing', 'checkpoint', 'all'),
    pages: fc.integer({ min: 2, max: 8 }),
    seed: fc.noShrink(fc.nat()),
    weather: anyWeather.weather,
    steps: fc.array(step, { maxLength: 40, size: 'max' }),
  })
}

/** A counter that is only ever counted up, whatever the network does. */
export const counting: fc.Arbitrary<Plan> = plans(
  'state',
  { weight: 16, arbitrary: call('update') },
  ...anyPage,
)

/** A value that is set, computed, and overwritten by strangers. */
export const values: fc.Arbitrary<Plan> = plans(
  'state',
  { weight: 12, arbitrary: call('update') },
  { weight: 4, arbitrary: call('set') },
  { weight: 2, arbitrary: call('fragile-update') },
  ...anyPage,
  ...anyServer,
)

/** The same, with updates that leave things as they are where another one was first. */
export const claims: fc.Arbitrary<Plan> = plans(
  'state',
  { weight: 8, arbitrary: call('update') },
  { weight: 8, arbitrary: call('claim') },
  { weight: 2, arbitrary: call('set') },
  ...anyPage,
  ...anyServer,
)

/** What a reducer makes of actions, some of which it throws on. */
export const actions: fc.Arbitrary<Plan> = plans(
  'action',
  { weight: 14, arbitrary: dispatch('add') },
  { weight: 2, arbitrary: dispatch('clear') },
  { weight: 2, arbitrary: dispatch('same') },
  { weight: 3, arbitrary: dispatch('fragile') },
  ...anyPage,
  ...anyServer,
)

/** Clicks alone, of both kinds of apps. */
export const clicks: fc.Arbitrary<Plan> = fc.oneof(
  counting,
  plans('action', { weight: 16, arbitrary: dispatch('add') }, ...anyPage),
)
