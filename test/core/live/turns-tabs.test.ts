import { beforeAll, expect, it, vi } from 'vitest'
import { loadLive } from '../../../src/core/live.ts'
import { simulateBrowser, type SimulatedTab } from './simulated-browser.ts'
import { lateness, openWorld, pathsOf, type Seen, type TurnsWorld } from './turns-page.ts'

beforeAll(async () => void (await loadLive()))

interface Tab extends SimulatedTab {
  read(path: string): Seen
}

/** Tabs that share nothing but the connections, as with credentials of their own. */
async function openBrowser(): Promise<
  TurnsWorld & { openTab: () => Tab; locks: () => readonly string[] }
> {
  const browser = simulateBrowser(() => world.server.fetch)
  const world = await openWorld()
  const openTab = (): Tab => {
    const tab = browser.openTab()
    const page = world.openPage(tab.environment.locks)
    return Object.assign(tab, { read: (path: string) => tab.run(() => page.read(path)) })
  }
  return { ...world, openTab, locks: () => browser.locks }
}

it('three tabs have four connections together, and each has its turns', async () => {
  const { server, openTab, appendRounds, pass, close, locks } = await openBrowser()
  pathsOf(12).forEach((path) => server.create(path))
  const tabs = [openTab(), openTab(), openTab()]
  const seen = tabs.flatMap((tab) => pathsOf(12).map((path) => tab.read(path)))
  await pass(6000)
  const times = await appendRounds(12, { everyMs: 1300 })
  await pass(2000)

  expect(seen.map(({ items }) => items)).toEqual(seen.map(() => times.map((_, n) => n)))
  expect(Math.max(...seen.map((one) => lateness(one, times)))).toBeLessThanOrEqual(2000)
  expect(server.mostOpen).toBe(4)
  close()
  await pass(10)
  expect(locks()).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})

it('a tab that has all four gives up two when another needs one, and has them back later', async () => {
  const { server, openTab, pass } = await openBrowser()
  pathsOf(5).forEach((path) => server.create(path))
  const [first, second] = [openTab(), openTab()]
  const seen = pathsOf(4).map((path) => first.read(path))
  await pass(5000)
  const kinds = (): string[] => server.open().map(({ kind }) => kind)
  expect(kinds()).toEqual(['sse', 'sse', 'sse', 'sse'])

  const other = second.read('room-4')
  await pass(2500)
  const at = Date.now()
  for (const path of pathsOf(5)) server.append(path, '1')
  await pass(3000)
  expect([...seen, other].map(({ items }) => items)).toEqual([[1], [1], [1], [1], [1]])
  expect(lateness(other, [at])).toBeLessThanOrEqual(2000)
  expect(server.mostOpen).toBe(4)

  other.leave()
  await pass(6000)
  expect(kinds()).toEqual(['sse', 'sse', 'sse', 'sse'])
  for (const path of pathsOf(5)) server.append(path, '2')
  await pass(20)
  expect(seen.map(({ items }) => items)).toEqual([
    [1, 2],
    [1, 2],
    [1, 2],
    [1, 2],
  ])
})

it('the connections of a tab that crashes go to the others', async () => {
  const { server, openTab, pass } = await openBrowser()
  pathsOf(8).forEach((path) => server.create(path))
  const [first, second] = [openTab(), openTab()]
  const lost = pathsOf(4).map((path) => first.read(path))
  await pass(3000)
  const seen = pathsOf(8)
    .slice(4)
    .map((path) => second.read(path))
  await pass(3000)
  first.crash()
  // The browser closes what the tab had open.
  lost.forEach((one) => one.leave())
  await pass(5000)
  for (const { path } of seen) server.append(path, '1')
  await pass(20)

  expect(server.open().map(({ kind }) => kind)).toEqual(['sse', 'sse', 'sse', 'sse'])
  expect(seen.map(({ items }) => items)).toEqual([[1], [1], [1], [1]])
})

it('a page that is denied its locks reads as a page does that has none', async () => {
  const { server, pass, openPage } = await openWorld()
  const { readAll } = openPage({
    request: () => Promise.reject(new DOMException('Denied', 'SecurityError')),
  })
  const seen = readAll(8)
  await pass(3000)
  for (const path of pathsOf(8)) server.append(path, '1')
  await pass(1010)

  expect(seen.map(({ items }) => items)).toEqual(seen.map(() => [1]))
  expect(server.mostOpen).toBe(4)
})
