import { beforeAll, expect, it } from 'vitest'
import { loadLive } from '../../../src/core/live.ts'
import { openSite } from './shared-site.ts'

beforeAll(async () => void (await loadLive()))

it('has one tab read for all', async () => {
  const { openTab, create, append, pass, open, browser } = openSite()
  await create('a', 'b')
  const [first, second, third] = [openTab(), openTab(), openTab()]
  const readings = [first, second, third].flatMap((tab) => [tab.read('a'), tab.read('b')])
  await pass(500)
  await append('a', 1, 2)
  await append('b', 3)
  await pass(100)
  expect(readings.map(({ items }) => items)).toEqual([[1, 2], [3], [1, 2], [3], [1, 2], [3]])
  expect([...open].map(({ tab, method }) => [tab === first, method])).toEqual([[true, 'POST']])
  for (const reading of readings) reading.leave()
  await pass(3000)
  expect([open.size, browser.locks, browser.channels]).toEqual([0, [], []])
})
