import fc from 'fast-check'
import type { Weather } from './simulated-line.ts'

export type Weighted<Event> = fc.WeightedArbitrary<Event>

const weather: fc.Arbitrary<Weather> = fc.record({
  lost: fc.constantFrom(0, 0, 0.1, 0.4),
  refused: fc.constantFrom(0, 0, 0, 0.2, 0.6),
  ambiguous: fc.constantFrom(0, 0, 0, 0, 0.1),
  slowMs: fc.constantFrom(0, 20, 20, 300, 3000),
  page: fc.constantFrom(1, 2, 5, 100),
})

/** The network as it may be, and as it may become. */
export const anyWeather: {
  weather: fc.Arbitrary<Weather>
  happenings: Weighted<{ do: 'weather'; weather: Weather }>[]
} = {
  weather,
  happenings: [
    { weight: 2, arbitrary: weather.map((drawn) => ({ do: 'weather', weather: drawn }) as const) },
  ],
}
