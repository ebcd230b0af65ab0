import { beforeAll, describe, expect, it } from 'vitest'
import { loadLive } from '../../../src/core/live.ts'
import type { TabsEnvironment } from '../../../src/core/live/tabs/environment.ts'
import { openSite } from './shared-site.ts'

beforeAll(async () => void (await loadLive()))

const REFUSALS: Record<string, (its: TabsEnvironment) => Partial<TabsEnvironment>> = {
  'refuses channels': () => ({
    openChannel() {
      throw new DOMException('An opaque origin', 'SecurityError')
    },
  }),
  'refuses channels to those that follow': ({ openChannel }) => ({
    openChannel(name) {
      if (/\/[\d-]+$/.test(name)) throw new DOMException('No more of them', 'SecurityError')
      return openChannel(name)
    },
  }),
  'refuses locks': () => ({
    locks: { request: () => Promise.reject(new DOMException('No', 'SecurityError')) },
  }),
  'throws for locks': () => ({
    locks: {
      request() {
        throw new DOMException('No', 'InvalidStateError')
      },
    },
  }),
  'makes no digest': () => ({ digest: () => Promise.reject(new Error('No')) }),
}

describe.each(Object.entries(REFUSALS))('in a browser that %s', (_, lacking) => {
  it('reads in each tab by itself', async () => {
    const { openTab, create, append, pass, open } = openSite()
    await create('a')
    const tabs = Array.from({ length: 2 }, () => openTab((its) => ({ ...its, ...lacking(its) })))
    const readings = tabs.map((tab) => tab.read('a'))
    await pass(1000)
    await append('a', 1)
    await pass(100)
    expect(readings.map(({ items }) => items)).toEqual([[1], [1]])
    for (const reading of readings) reading.leave()
    await pass(3000)
    expect(open.size).toBe(0)
  })
})

it('reads in each tab by itself where no message comes through, and takes turns no more', async () => {
  const { openTab, create, append, pass, browser, open, asked } = openSite()
  browser.fate = () => 'lost'
  await create('a')
  const tabs = [openTab(), openTab()]
  const readings = tabs.map((tab) => tab.read('a'))
  await pass(5000)
  const before = asked.length
  await append('a', 1)
  await pass(5000)
  expect(readings.map(({ items }) => items)).toEqual([[1], [1]])
  expect(new Set([...open].map(({ tab }) => tab)).size).toBe(2)
  expect(asked).toHaveLength(before)
})

it('says nothing more to a tab that sleeps, which catches up when it wakes', async () => {
  const { openTab, create, append, pass, browser, open } = openSite()
  const paths = Array.from({ length: 12 }, (_, i) => `s${i}`)
  await create(...paths)
  const [leader, follower] = [openTab(), openTab()]
  leader.read('s0')
  await pass(500)
  const readings = paths.map((path) => follower.read(path))
  await pass(2000)
  follower.hang()
  let said = 0
  browser.fate = () => {
    said++
    return 'arrives'
  }
  for (let i = 0; i < 1200; i++) {
    await append(paths[i % 12]!, i)
    await pass(1)
  }
  expect(said).toBeGreaterThan(900)
  expect(said).toBeLessThan(1010)
  follower.goOn()
  await pass(2000)
  await append('s0', 1200)
  await pass(100)
  expect(readings.flatMap(({ items }) => items)).toHaveLength(1201)
  expect(new Set(readings.flatMap(({ items }) => items)).size).toBe(1201)
  expect([...open].map(({ tab }) => tab === leader)).toEqual([true])
})
