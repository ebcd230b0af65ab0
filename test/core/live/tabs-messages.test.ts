import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { loadLive } from '../../../src/core/live.ts'
import { openSite, type Reading, type Tab } from './shared-site.ts'
import type { Fate } from './simulated-browser.ts'

beforeAll(async () => void (await loadLive()))

const BAD: Fate[] = ['lost', 'twice', 'late']

describe.each(BAD)('a message between tabs that is %s', (fate) => {
  it('does no harm, whichever it is', async () => {
    let count = Infinity
    for (let bad = 0; bad < count; bad++) {
      const { openTab, create, append, pass, browser, open, end } = openSite()
      let message = 0
      browser.fate = () => (message++ === bad ? fate : 'arrives')
      await create('a', 'b')
      const tabs = [openTab(), openTab()]
      const readings = tabs.flatMap((tab) => [tab.read('a'), tab.read('b')])
      for (let i = 0; i < 8; i++) {
        await pass(150)
        await append('a', i)
        if (i % 2) await append('b', i)
      }
      await pass(1000)
      count = message
      const all = [
        [0, 1, 2, 3, 4, 5, 6, 7],
        [1, 3, 5, 7],
      ]
      expect({ bad, items: readings.map(({ items }) => items) }).toEqual({
        bad,
        items: [...all, ...all],
      })
      expect(open.size).toBe(1)
      await end()
    }
    expect(count).toBeGreaterThan(20)
  })
})

it('reads all, once, whatever becomes of tabs and of messages between them', async () => {
  const step = fc.record({
    does: fc.constantFrom(
      'append',
      'append',
      'append',
      'open',
      'crash',
      'close',
      'freeze',
      'resume',
      'hang',
      'goOn',
      'hide',
      'show',
      'offline',
      'online',
    ),
    tab: fc.nat(5),
    waitMs: fc.constantFrom(0, 1, 3, 10, 100, 300, 800, 2000),
  })
  const fates = fc.infiniteStream(
    fc.oneof(
      { weight: 20, arbitrary: fc.constant<Fate>('arrives') },
      { weight: 1, arbitrary: fc.constantFrom(...BAD) },
    ),
  )
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), fates, play), {
    numRuns: Number(process.env['TABS_RUNS'] ?? 20),
    endOnFailure: true,
  })
}, 600_000)

type Step = { does: string; tab: number; waitMs: number }

async function play(steps: readonly Step[], fates: Iterable<Fate>): Promise<void> {
  const site = openSite({ sseLifetimeMs: 3000 })
  const { openTab, create, append, pass, browser, open, offline, end } = site
  const chance = fates[Symbol.iterator]()
  browser.fate = () => chance.next().value as Fate
  await create('a', 'b')
  const written = { a: [] as number[], b: [] as number[] }
  const alive = new Map<Tab, Reading[]>()
  const enter = (): void => {
    const tab = openTab()
    alive.set(tab, [tab.read('a'), tab.read('b')])
  }
  enter()
  for (const [i, { does, tab: which, waitMs }] of steps.entries()) {
    const tab = [...alive.keys()][which % alive.size]!
    if (does === 'append') {
      const path = i % 3 ? 'a' : 'b'
      written[path].push(i)
      await append(path, i)
    } else if (does === 'open') {
      if (alive.size < 6) enter()
    } else if (does === 'crash' || does === 'close') {
      if (does === 'close') tab.tell('pagehide')
      tab.crash()
      alive.delete(tab)
      if (alive.size === 0) enter()
    } else if (does === 'freeze') {
      tab.tell('freeze')
      tab.hang()
    } else if (does === 'resume') {
      tab.goOn()
      tab.tell('resume')
    } else if (does === 'hang') tab.hang()
    else if (does === 'goOn') tab.goOn()
    else if (does === 'hide' || does === 'show') {
      tab.isHidden = does === 'hide'
      tab.tell('visibilitychange')
    } else if (does === 'offline') offline.add(tab)
    else offline.delete(tab)
    await pass(waitMs)
  }
  browser.fate = () => 'arrives'
  offline.clear()
  for (const tab of alive.keys()) {
    tab.isHidden = false
    tab.goOn()
    tab.tell('resume')
  }
  await pass(8000)
  const last = steps.length
  await append('a', last)
  await pass(1000)
  const all = [[...written.a, last], written.b]
  for (const readings of alive.values()) {
    expect(readings.map(({ error }) => error)).toEqual([undefined, undefined])
    expect(readings.map(({ items }) => items)).toEqual(all)
  }
  // Without a network, a page may come to think that the server has no way to read many streams.
  if (!steps.some(({ does }) => does === 'offline')) expect(open.size).toBe(1)

  for (const readings of alive.values()) for (const reading of readings) reading.leave()
  await pass(5000)
  expect([open.size, browser.locks, browser.channels]).toEqual([0, [], []])
  await end()
}
