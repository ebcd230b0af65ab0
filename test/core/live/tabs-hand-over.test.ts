import { beforeAll, describe, expect, it } from 'vitest'
import { loadLive } from '../../../src/core/live.ts'
import { openSite, type Reading, type SharedSite, type Tab } from './shared-site.ts'

beforeAll(async () => void (await loadLive()))

/** Three tabs that read two streams, the first for all, and what each of them has got. */
async function openThree(): Promise<{ site: SharedSite; tabs: Tab[]; readings: Reading[][] }> {
  const site = openSite()
  await site.create('a', 'b')
  const tabs = [site.openTab(), site.openTab(), site.openTab()]
  const readings = tabs.map((tab) => [tab.read('a'), tab.read('b')])
  await site.pass(3000)
  await site.append('a', 1)
  await site.append('b', 'one')
  await site.pass(100)
  expect(leaders(site)).toEqual([tabs[0]])
  return { site, tabs, readings }
}

/** The tabs that have live requests under way. */
function leaders({ open }: SharedSite): Tab[] {
  return [...new Set([...open].map(({ tab }) => tab as Tab))]
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
  it('goes on within a second, with nothing lost and nothing twice', async () => {
    const { site, tabs, readings } = await openThree()
    end(tabs[0]!)
    await site.append('a', 2)
    await site.append('b', 'two')
    await site.pass(100)
    await site.append('a', 3)
    await site.pass(100)

    const items = readings.slice(1).map((its) => its.map(({ items }) => items))
    expect(items).toEqual(
      Array.from({ length: 2 }, () => [
        [1, 2, 3],
        ['one', 'two'],
      ]),
    )
    expect(leaders(site)).toEqual([tabs[1]])
    expect(site.open.size).toBe(1)
  })
})
