import { describe, expect, it, onTestFinished } from 'vitest'
import { createStores, type Stores } from '../../src/state/store/stores.ts'
import { eventually } from '../support/eventually.ts'
import { SERVERS } from '../support/servers.ts'

/** A page of its own: what has a `fetch` of its own shares no store. */
function openPage(serverUrl: string): Stores {
  return createStores({ serverUrl, fetch: (...request) => fetch(...request) })
}

describe.each(SERVERS)('state shared on $name', ({ start }) => {
  it('loses no update of three pages that count at once', async () => {
    const serverUrl = await start()
    const pages = Array.from({ length: 3 }, () => openPage(serverUrl).state('counter', 0))
    for (const page of pages) onTestFinished(page.subscribe(() => undefined))

    for (let n = 0; n < 10; n++) for (const page of pages) page.update((count) => count + 1)

    for (const page of pages) {
      await eventually(() => expect(page.getSnapshot()).toMatchObject({ state: 30, pending: 0 }))
    }
  })

  it('reduces the actions of two pages to one list, which a third finds', async () => {
    const serverUrl = await start()
    const open = () =>
      openPage(serverUrl).reducer(
        'names',
        (names: readonly string[], name: string) => [...names, name],
        [],
      )
    const [one, two] = [open(), open()]
    for (const page of [one, two]) onTestFinished(page.subscribe(() => undefined))
    for (const [page, name] of [
      [one, 'a'],
      [two, 'b'],
      [one, 'c'],
    ] as const)
      page.dispatch(name)
    await eventually(() => expect(one.getSnapshot()).toMatchObject({ pending: 0 }))
    await eventually(() => expect(one.getSnapshot().state.toSorted()).toEqual(['a', 'b', 'c']))

    const late = open()
    onTestFinished(late.subscribe(() => undefined))
    await eventually(() => expect(late.getSnapshot().state).toEqual(one.getSnapshot().state))
  })
})
