import { afterEach, expect, it, vi } from 'vitest'
import { takeTurn } from '../../src/state/ssr/turn.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

it('a turn that never ends, as of a request that was cut off, holds up nobody for good', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const { MessageChannel } = globalThis
  class Silent {
    port1 = { close() {} }
    port2 = { postMessage() {} }
  }
  vi.stubGlobal('MessageChannel', Silent)
  void takeTurn().next()
  await vi.advanceTimersByTimeAsync(0)
  vi.stubGlobal('MessageChannel', MessageChannel)

  let isOurs = false
  const turn = takeTurn()
    .next()
    .then(() => (isOurs = true))
  await vi.advanceTimersByTimeAsync(999)
  expect(isOurs).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  await turn
  expect(isOurs).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})
