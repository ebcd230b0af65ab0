import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Guest, openRoom } from './presence-room.ts'

const IDS = ['ann', 'bob', 'cid', 'dan']

type Step =
  | { do: 'toggle' | 'crash' | 'hide' | 'show' | 'aside' | 'back' | 'rename'; who: number }
  | { do: 'offline' | 'online'; who: number }
  | { do: 'pass'; ms: number }
  | { do: 'lose' }

const who = fc.nat({ max: IDS.length - 1 })
const kinds = ['crash', 'hide', 'show', 'aside', 'back', 'rename', 'offline', 'online'] as const
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('toggle' as const), who }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom(...kinds), who }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      ms: fc.oneof(fc.nat({ max: 1000 }), fc.nat({ max: 120_000 })),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('lose' as const) }) },
)

interface Page {
  guest: Guest
  isAside: boolean
}

it('is agreed upon by all pages two minutes after whatever happened, and is true', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const room = openRoom()
      const pages = new Map<number, Page>()
      let names = 0
      for (const one of steps) {
        if (one.do === 'pass') await room.pass(one.ms)
        else if (one.do === 'lose') await room.request('DELETE')
        else perform(one.do, one.who)
      }
      for (const { guest, isAside } of pages.values()) {
        guest.setOnline(true)
        guest.hide(false)
        if (isAside) guest.fire('pageshow')
      }
      await room.pass(120_000)

      const guests = [...pages.values()].map(({ guest }) => guest)
      const expected = guests.map(({ presence }) => presence.getSnapshot().me.state.name).sort()
      for (const guest of guests) {
        expect(guest.presence.getSnapshot().status.kind).toBe('live')
        expect(guest.names().sort()).toEqual(expected)
        expect(guest.errors).toEqual([])
      }
      await room.close()

      function perform(what: Exclude<Step, { ms: number }>['do'], who: number): void {
        const page = pages.get(who)
        if (!page) {
          if (what === 'toggle') pages.set(who, { guest: room.join(IDS[who]!), isAside: false })
          return
        }
        const { guest } = page
        if (what === 'toggle') guest.presence.leave()
        if (what === 'crash') guest.crash()
        if (what === 'toggle' || what === 'crash') pages.delete(who)
        if (what === 'hide' || what === 'show') guest.hide(what === 'hide')
        if (what === 'offline' || what === 'online') guest.setOnline(what === 'online')
        if (what === 'rename') guest.presence.update({ name: `${IDS[who]}-${++names}` })
        if (what === 'aside' && !page.isAside) guest.fire('pagehide')
        if (what === 'back' && page.isAside) guest.fire('pageshow')
        if (what === 'aside' || what === 'back') page.isAside = what === 'aside'
      }
    }),
    { numRuns: 40, endOnFailure: true },
  )
}, 120_000)
