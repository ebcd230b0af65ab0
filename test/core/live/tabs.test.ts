import { beforeAll, expect, it, vi } from 'vitest'
import { allow, deny } from '../../../dev-server/fetch.ts'
import { loadLive } from '../../../src/core/live.ts'
import { openSite } from './shared-site.ts'

beforeAll(async () => void (await loadLive()))

it('has one tab read for all, and gives all back that it needs no longer', async () => {
  const { openTab, create, append, pass, open, browser } = openSite()
  await create('a', 'b')
  const timers = vi.getTimerCount()
  const tabs = [openTab(), openTab(), openTab()]
  const readings = tabs.flatMap((tab) => [tab.read('a'), tab.read('b')])
  await pass(500)
  await append('a', 1, 2)
  await append('b', 3)
  await pass(100)
  expect(readings.map(({ items }) => items)).toEqual([[1, 2], [3], [1, 2], [3], [1, 2], [3]])
  expect([...open].map(({ tab, method }) => [tab === tabs[0], method])).toEqual([[true, 'POST']])

  for (const reading of readings) reading.leave()
  await pass(3000)
  expect([open.size, browser.locks, browser.channels]).toEqual([0, [], []])
  expect(vi.getTimerCount()).toBe(timers)
})

it('has twenty tabs with ten streams each read over one connection, in few messages', async () => {
  const { openTab, create, append, pass, open, browser } = openSite()
  const paths = Array.from({ length: 10 }, (_, i) => `s${i}`)
  await create(...paths)
  const tabs = Array.from({ length: 20 }, openTab)
  const readings = tabs.flatMap((tab) => paths.map((path) => tab.read(path)))
  await pass(2000)
  expect(open.size).toBe(1)

  for (const tab of tabs) tab.isHidden = true
  await pass(10_000)
  const before = browser.delivered
  for (const path of paths) await append(path, path)
  await pass(30)
  expect(readings.every(({ items }, i) => items[0] === paths[i % 10])).toBe(true)
  // Each of nineteen tabs gets what came together in few, with some to tell that it lives.
  expect(browser.delivered - before).toBeLessThan(19 * 15)
})

it('reads in another tab only with the same credentials', async () => {
  const { openTab, create, append, pass, open } = openSite()
  await create('a')
  const tabs = [openTab(), openTab(), openTab()]
  const [ann, bob, alsoAnn] = tabs.map((tab, i) =>
    tab.read('a', { headers: { authorization: i === 1 ? 'bob' : 'ann' } }),
  )
  await pass(1000)
  await append('a', 1)
  await pass(100)
  expect([ann, bob, alsoAnn].map((its) => its!.items)).toEqual([[1], [1], [1]])
  expect([...open].map(({ tab }) => tabs.indexOf(tab as never))).toEqual([0, 1])
})

it('leaves the connection that it shared once its credentials are others', async () => {
  const { openTab, create, append, pass, open } = openSite({ sseLifetimeMs: 3000 })
  await create('a')
  const tabs = [openTab(), openTab()]
  const tokens = ['ann', 'ann']
  const readings = tabs.map((tab, i) =>
    tab.read('a', { headers: { authorization: () => tokens[i]! } }),
  )
  await pass(1000)
  expect(open.size).toBe(1)
  tokens[1] = 'bob'
  await pass(3000)
  await append('a', 1)
  await pass(100)
  expect(readings.map(({ items }) => items)).toEqual([[1], [1]])
  expect([...open].map(({ tab }) => tabs.indexOf(tab as never))).toEqual([0, 1])
})

it('keeps to itself what is asked with another fetch, or for this page alone', async () => {
  const { openTab, create, append, pass, open } = openSite()
  await create('a')
  const tabs = [openTab(), openTab(), openTab()]
  const { send } = tabs[1]!.environment
  const readings = [
    tabs[0]!.read('a'),
    tabs[1]!.read('a', { fetch: (...asked) => send(...asked) }),
    tabs[2]!.read('a', { connection: 'page' }),
  ]
  await pass(1000)
  await append('a', 1)
  await pass(100)
  expect(readings.map(({ items }) => items)).toEqual([[1], [1], [1]])
  expect(new Set([...open].map(({ tab }) => tab)).size).toBe(3)
})

it('tells the tab that asked, and no other, that a stream is refused', async () => {
  let isSecret = false
  const { openTab, create, append, pass } = openSite({
    sseLifetimeMs: 3000,
    authorize: ({ action, path }) =>
      action === 'read' && path === 'secret' && isSecret ? deny(401, 'Not you') : allow,
  })
  await create('a', 'secret')
  const tabs = [openTab(), openTab()]
  const [a, alsoA, secret] = [tabs[0]!.read('a'), tabs[1]!.read('a'), tabs[1]!.read('secret')]
  await pass(1000)
  isSecret = true
  await pass(5000)
  await append('a', 1)
  await pass(100)
  expect([a.items, alsoA.items, a.error]).toEqual([[1], [1], undefined])
  expect(secret.error).toMatchObject({ code: 'unauthorized', status: 401 })
})

it('ends at the server what no tab reads any more', async () => {
  const { openTab, create, append, pass, open } = openSite()
  await create('a', 'b')
  const [leader, follower] = [openTab(), openTab()]
  const a = leader.read('a')
  await pass(500)
  const b = follower.read('b')
  await pass(500)
  expect([...open].map(({ tab }) => tab === leader)).toEqual([true])
  a.leave()
  await pass(3000)
  // The tab that reads for all does so as long as another needs it.
  await append('b', 1)
  await pass(50)
  expect(b.items).toEqual([1])
  expect([...open].map(({ tab }) => tab === leader)).toEqual([true])
  b.leave()
  await pass(20)
  expect(open.size).toBe(0)
})

it('holds back from a slow reader in another tab what it does not take, and disturbs no other', async () => {
  const { openTab, create, append, pass, browser } = openSite()
  await create('a', 'big')
  const [leader, follower] = [openTab(), openTab()]
  leader.read('a')
  await pass(500)
  const quick = follower.read('a')
  const slow = follower.read('big')
  await pass(2000)
  slow.pause()
  let sent = 0
  browser.fate = (message) => {
    sent += JSON.stringify(message).length
    return 'arrives'
  }
  for (let i = 0; i < 100; i++) {
    await append('big', `${i}`.padEnd(20_000))
    await append('a', i)
    await pass(10)
  }
  expect(quick.items).toHaveLength(100)
  expect(slow.items.length).toBeLessThan(10)
  expect(sent).toBeLessThan(300_000)
  slow.resume()
  await pass(3000)
  expect(slow.items.map(Number)).toEqual(Array.from({ length: 100 }, (_, i) => i))
})
