import { beforeAll, describe, expect, it } from 'vitest'
import { loadLive } from '../../../src/core/live.ts'
import { openSite, type Reading, type SharedSite, type Tab } from './shared-site.ts'

beforeAll(async () => void (await loadLive()))

interface Scene extends SharedSite {
  tabs: Tab[]
  /** Of the streams `a` and `b`, in each tab. */
  readings: [a: Reading, b: Reading][]
}

/** Tabs that read two streams, the first for all. */
async function openTabs(count: number, options: object = {}): Promise<Scene> {
  const site = openSite(options)
  await site.create('a', 'b')
  const tabs = Array.from({ length: count }, () => site.openTab())
  const readings = tabs.map((tab): [Reading, Reading] => [tab.read('a'), tab.read('b')])
  await site.pass(3000)
  await site.append('a', 1)
  await site.append('b', 'one')
  await site.pass(100)
  expect(connected(site)).toEqual([tabs[0]])
  return { ...site, tabs, readings }
}

/** The tab of each live request under way. */
function connected({ open }: SharedSite): Tab[] {
  return [...open].map(({ tab }) => tab as Tab)
}

function itemsOf(readings: [Reading, Reading][]): unknown[][] {
  return readings.map((its) => its.map(({ items }) => items))
}

const ENDS: Record<string, (leader: Tab) => void> = {
  closes(leader) {
    leader.tell('pagehide')
    leader.crash()
  },
  crashes: (leader) => leader.crash(),
  'is put into the back/forward cache'(leader) {
    leader.tell('pagehide')
    leader.hang()
  },
  freezes(leader) {
    leader.tell('freeze')
    leader.hang()
  },
}

describe.each(Object.entries(ENDS))('when the tab that reads for all %s', (_, end) => {
  it('goes on at once, with nothing lost and nothing twice', async () => {
    const { append, pass, tabs, readings, ...site } = await openTabs(3)
    end(tabs[0]!)
    await append('a', 2)
    await append('b', 'two')
    await pass(100)
    await append('a', 3)
    await pass(100)
    const all = [
      [1, 2, 3],
      ['one', 'two'],
    ]
    expect(itemsOf(readings.slice(1))).toEqual([all, all])
    expect(connected(site as Scene)).toEqual([tabs[1]])
  })
})

it.each(['pagehide', 'freeze'])(
  'keeps nothing from others in a tab that sleeps (%s)',
  async (sleep) => {
    const { pass, tabs, browser, openTab, open } = await openTabs(1)
    tabs[0]!.tell(sleep)
    tabs[0]!.hang()
    await pass(1000)
    expect([open.size, browser.locks, browser.channels]).toEqual([0, [], []])
    const next = openTab()
    const { items } = next.read('a')
    await pass(100)
    expect(items).toEqual([1])
    expect(connected({ open } as SharedSite)).toEqual([next])
  },
)

it.each(['pageshow', 'resume'])(
  'goes on where it was, in a tab that comes back (%s)',
  async (back) => {
    const { append, pass, tabs, readings, ...site } = await openTabs(3)
    const [leader] = tabs as [Tab]
    leader.tell(back === 'resume' ? 'freeze' : 'pagehide')
    leader.hang()
    await append('a', 2)
    await pass(60_000)
    leader.goOn()
    leader.tell(back)
    await pass(1000)
    await append('a', 3)
    await pass(100)
    expect(itemsOf(readings).map(([a]) => a)).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ])
    expect(connected(site as Scene)).toEqual([tabs[1]])
  },
)

it('takes its part once, in a tab that is put aside and comes back at once', async () => {
  const { pass, tabs, browser } = await openTabs(3)
  const before = browser.channels.length
  tabs[1]!.tell('pagehide')
  tabs[1]!.tell('pageshow')
  await pass(2000)
  const { items } = tabs[1]!.read('a')
  await pass(200)
  expect(items).toEqual([1])
  expect(browser.channels).toHaveLength(before)
})

describe('when the tab that reads for all hangs', () => {
  it('is read in another within a second', async () => {
    const { append, pass, tabs, readings, ...site } = await openTabs(3)
    tabs[0]!.hang()
    await append('a', 2)
    await pass(1000)
    expect(itemsOf(readings.slice(1))).toEqual([
      [[1, 2], ['one']],
      [[1, 2], ['one']],
    ])
    expect(connected(site as Scene)).toHaveLength(2)
  })

  it('gives way when it goes on, with one connection and nothing twice', async () => {
    const { append, pass, tabs, readings, ...site } = await openTabs(3)
    tabs[0]!.hang()
    await append('a', 2)
    await pass(5000)
    await append('a', 3)
    await pass(100)
    tabs[0]!.goOn()
    await pass(2000)
    await append('a', 4)
    await pass(100)
    expect(itemsOf(readings).map(([a]) => a)).toEqual(Array.from({ length: 3 }, () => [1, 2, 3, 4]))
    expect(connected(site as Scene)).toHaveLength(1)
    expect(connected(site as Scene)).not.toContain(tabs[0])
  })

  it('is read over one connection in the end, whoever hangs in turn', async () => {
    const { append, pass, tabs, readings, ...site } = await openTabs(2)
    const [one, other] = tabs as [Tab, Tab]
    one.hang()
    await pass(1000)
    one.goOn()
    await pass(1000)
    other.hang()
    await pass(1000)
    // That one leads again, and hangs before the other, which goes on, has heard of it.
    one.hang()
    other.goOn()
    await pass(3000)
    one.goOn()
    await pass(3000)
    await append('a', 2)
    await pass(100)
    expect(itemsOf(readings).map(([a]) => a)).toEqual([
      [1, 2],
      [1, 2],
    ])
    expect(connected(site as Scene)).toHaveLength(1)
  })

  it('is read at once in a tab that is opened then', async () => {
    const { append, pass, tabs, openTab } = await openTabs(1)
    tabs[0]!.hang()
    const reading = openTab().read('a')
    await pass(1000)
    await append('a', 2)
    await pass(50)
    expect(reading.items).toEqual([1, 2])
  })

  it('is left in its place for a while by tabs that nobody sees', async () => {
    const { append, pass, tabs, readings } = await openTabs(2)
    tabs[1]!.isHidden = true
    await pass(3000)
    tabs[0]!.hang()
    await pass(3000)
    tabs[0]!.goOn()
    await append('a', 2)
    await pass(100)
    expect(itemsOf(readings)).toEqual([
      [[1, 2], ['one']],
      [[1, 2], ['one']],
    ])
    tabs[0]!.hang()
    await append('a', 3)
    await pass(10_000)
    expect(readings[1]![0].items).toEqual([1, 2, 3])
  })
})

it('keeps its place while it is busy for less than half a second now and then', async () => {
  const { append, pass, tabs, readings, asked } = await openTabs(2)
  const before = asked.length
  for (let i = 2; i < 10; i++) {
    tabs[0]!.hang()
    await pass(400)
    await append('a', i)
    tabs[0]!.goOn()
    await pass(100)
  }
  expect(asked).toHaveLength(before)
  expect(readings[1]![0].items).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9])
})

it('takes no place of another because it hung itself', async () => {
  const { append, pass, tabs, readings, asked } = await openTabs(2)
  const before = asked.length
  tabs[1]!.hang()
  await pass(5000)
  await append('a', 2)
  tabs[1]!.goOn()
  await pass(1000)
  expect(asked).toHaveLength(before)
  expect(readings[1]![0].items).toEqual([1, 2])
})

it('still reads by events after many tabs were closed one after the other', async () => {
  const { append, pass, tabs, readings, asked } = await openTabs(8)
  for (const [i, tab] of tabs.slice(0, 7).entries()) {
    ENDS['closes']!(tab)
    await pass(350)
    await append('a', i + 2)
  }
  await pass(2000)
  expect(readings[7]![0].items).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(asked.filter(({ url }) => url.includes('long-poll'))).toEqual([])
})

it('reads no more for a tab that crashed', async () => {
  const { create, pass, tabs, open, browser } = await openTabs(2)
  await create('c')
  const [leader, follower] = tabs as [Tab, Tab]
  follower.read('c')
  await pass(500)
  follower.crash()
  await pass(100)
  expect(connected({ open } as SharedSite)).toEqual([leader])
  expect(browser.channels).toHaveLength(1)
  expect(browser.locks).toHaveLength(1)
})

it('is read in another tab when the one that reads for all has no way to the server', async () => {
  const { append, pass, tabs, readings, offline, ...site } = await openTabs(3)
  offline.add(tabs[0]!)
  await append('a', 2)
  await pass(8000)
  await append('a', 3)
  await pass(100)
  expect(readings.slice(1).map(([a]) => a.items)).toEqual([
    [1, 2, 3],
    [1, 2, 3],
  ])
  const [now, ...more] = connected(site as Scene)
  expect([tabs[1], tabs[2]]).toContain(now)
  expect(more).toEqual([])
})
