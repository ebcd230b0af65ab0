import { expect, it } from 'vitest'
import { sorted } from '../../src/state/db/sorted.ts'

function sortedKeys(keys: readonly string[]): readonly string[] {
  const steps = sorted(keys)
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

it.each([0, 1, 8_192, 8_193, 30_000, 65_537])('%d keys come in order, each once', (count) => {
  const keys = Array.from({ length: count }, (_, i) => `${(i * 48_271) % 2_147_483_647}`)
  expect(sortedKeys(keys)).toEqual(keys.toSorted())
})
