import { describe, expect, it, vi } from 'vitest'
import { type Guest, openRoom, type Room } from './presence-room.ts'
import { appends, readsLive } from '../support/live-reads.ts'

// Virtual time takes real time where a hundred pages live in it.
vi.setConfig({ testTimeout: 120_000 })

/** A room with these in it, a while after the last one came. */
async function roomOf(...ids: string[]): Promise<{ room: Room; guests: Guest[] }> {
  const room = openRoom()
  const guests: Guest[] = []
  for (const id of ids) {
    guests.push(room.join(id))
    await room.pass(1000)
  }
  return { room, guests }
}

async function endOf(room: Room): Promise<number> {
  return Number((await room.request('HEAD')).headers.get('stream-next-offset'))
}

/** Says what nobody understands, until the stream ends there. */
async function fillTo(room: Room, end: number): Promise<void> {
  const before = await endOf(room)
  await room.request('POST', '')
  const frame = (await endOf(room)) - before
  await room.request('POST', 'x'.repeat(end - before - 2 * frame))
  expect(await endOf(room)).toBe(end)
}

describe('a newcomer', () => {
  it('sees all who are here within half a second, and is seen by them', async () => {
    const { room, guests } = await roomOf('ann', 'bob')
    const cid = room.join('cid')
    await room.pass(500)
    for (const guest of [...guests, cid]) expect(guest.names()).toEqual(['ANN', 'BOB', 'CID'])
  })

  it('sees those at once whose pages are hidden', async () => {
    const { room, guests } = await roomOf('ann')
    guests[0]!.hide()
    await room.pass(600_000)
    const bob = room.join('bob')
    await room.pass(500)
    expect(bob.names()).toEqual(['ANN', 'BOB'])
    expect(bob.away()).toEqual(['ANN'])
  })

  it('never sees who was here before', async () => {
    const { room, guests } = await roomOf('ann', 'bob', 'cid')
    guests[0]!.crash()
    guests[1]!.unsubscribe()
    await room.pass(1000)
    const dan = room.join('dan')
    await room.pass(100_000)
    expect(dan.names()).toEqual(['CID', 'DAN'])
    expect(dan.shown.filter((ids) => /ann|bob/.test(ids))).toEqual([])
  })

  it('reads nothing of what was said before', async () => {
    const { room, guests } = await roomOf('ann')
    for (let n = 0; n < 20; n++) {
      guests[0]!.presence.update({ name: `ANN ${n}` })
      await room.pass(100)
    }
    const offsets: (string | null)[] = []
    const listen: typeof fetch = (input, init) => {
      const { searchParams } = new URL(String(input))
      if (init?.method === 'GET') offsets.push(searchParams.get('offset'))
      return room.fetch(input, init)
    }
    room.join('bob', {}, listen)
    await room.pass(1000)
    expect(offsets[0]).toBe('now')
    expect(offsets).not.toContain('-1')
  })

  it('finds two who open the same page at the same moment', async () => {
    const room = openRoom()
    const ann = room.join('ann')
    const bob = room.join('bob')
    await room.pass(1000)
    expect(ann.names()).toEqual(['ANN', 'BOB'])
    expect(bob.names()).toEqual(['ANN', 'BOB'])
  })

  it('is one of a hundred, and costs each of them no more than three requests', async () => {
    const room = openRoom()
    const guests: Guest[] = []
    for (let n = 100; n < 200; n++) {
      guests.push(room.join(`guest-${n}`))
      await room.pass(10)
    }
    await room.pass(5000)
    const all = guests.map((_, n) => `GUEST-${n + 100}`)
    for (const guest of guests) expect(guest.names()).toEqual(all)
    const posts = guests.flatMap((guest) => guest.posts)
    expect(posts.length).toBeLessThanOrEqual(3 * guests.length)
  })
})

describe('somebody who goes', () => {
  it('is gone at once when the page is closed', async () => {
    const { room, guests } = await roomOf('ann', 'bob')
    const [ann, bob] = guests as [Guest, Guest]
    ann.fire('pagehide')
    await room.pass(50)
    expect(bob.names()).toEqual(['BOB'])
    expect(ann.posts.at(-1)).toMatchObject({ keepalive: true })
    expect(ann.posts.slice(0, -1).some(({ keepalive }) => keepalive)).toBe(false)
  })

  it('is gone at once by leave(), and comes back by the next subscription', async () => {
    const { room, guests } = await roomOf('ann', 'bob')
    const [ann, bob] = guests as [Guest, Guest]
    ann.presence.leave()
    expect(ann.presence.getSnapshot()).toMatchObject({ others: [], status: { kind: 'idle' } })
    await room.pass(50)
    expect(bob.names()).toEqual(['BOB'])
    ann.presence.leave()
    ann.presence.subscribe(() => {})
    await room.pass(1000)
    expect(bob.names()).toEqual(['ANN', 'BOB'])
    expect(ann.names()).toEqual(['ANN', 'BOB'])
  })

  it('comes back although it left and came in the same moment', async () => {
    const { room, guests } = await roomOf('ann', 'bob')
    const [ann, bob] = guests as [Guest, Guest]
    ann.presence.leave()
    ann.presence.subscribe(() => {})
    await room.pass(100_000)
    expect(ann.presence.getSnapshot().status.kind).toBe('live')
    expect(bob.names()).toEqual(['ANN', 'BOB'])
  })

  it('is gone when the last part of the page that shows people is', async () => {
    const { room, guests } = await roomOf('ann', 'bob')
    const [ann, bob] = guests as [Guest, Guest]
    const unsubscribe = ann.presence.subscribe(() => {})
    ann.unsubscribe()
    await room.pass(1000)
    expect(bob.names()).toEqual(['ANN', 'BOB'])
    unsubscribe()
    await room.pass(300)
    expect(bob.names()).toEqual(['BOB'])
    expect(ann.presence.getSnapshot().status).toEqual({ kind: 'idle' })
  })

  it('has gone by crashing: it is gone 75 seconds later, and not long before', async () => {
    const { room, guests } = await roomOf('ann', 'bob')
    const [ann, bob] = guests as [Guest, Guest]
    ann.crash()
    await room.pass(45_000)
    expect(bob.names()).toEqual(['ANN', 'BOB'])
    await room.pass(36_000)
    expect(bob.names()).toEqual(['BOB'])
  })

  it('is not brought back by what it said before, and arrives late', async () => {
    const { room, guests } = await roomOf('ann', 'bob')
    const [ann, bob] = guests as [Guest, Guest]
    const said = JSON.parse(ann.posts.at(-1)!.body) as object
    ann.fire('pagehide')
    await room.pass(50)
    await room.request('POST', said)
    await room.pass(1000)
    expect(bob.names()).toEqual(['BOB'])
  })

  it('may go before it has come: a goodbye that overtakes leaves no ghost', async () => {
    const { room, guests } = await roomOf('bob')
    const event = { type: 'presence', key: 'k', value: { id: 'ann', state: { name: 'ANN' } } }
    await room.request('POST', { type: 'presence', key: 'k', headers: { operation: 'delete' } })
    await room.request('POST', { ...event, headers: { operation: 'insert' } })
    await room.pass(1000)
    expect(guests[0]!.names()).toEqual(['BOB'])
  })

  it('is back at once after the back/forward cache, as somebody who comes anew', async () => {
    const { room, guests } = await roomOf('ann', 'bob')
    const [ann, bob] = guests as [Guest, Guest]
    ann.fire('pagehide')
    await room.pass(60_000)
    const cid = room.join('cid')
    await room.pass(1000)
    expect(cid.names()).toEqual(['BOB', 'CID'])
    ann.fire('pageshow')
    await room.pass(500)
    for (const guest of [ann, bob, cid]) expect(guest.names()).toEqual(['ANN', 'BOB', 'CID'])
  })
})

describe('somebody who stays', () => {
  it('is never missing, nor is anything shown anew, while nothing changes', async () => {
    const { room, guests } = await roomOf('ann', 'bob', 'cid')
    const before = guests.map(({ presence }) => presence.getSnapshot())
    await room.pass(600_000)
    guests.forEach(({ presence }, n) => expect(presence.getSnapshot()).toBe(before[n]))
    const beats = guests.map(({ posts }) => posts.length)
    expect(Math.max(...beats)).toBeLessThanOrEqual(4 + 600 / 20)
  })

  it('is never missing while the page is hidden for half an hour, but away', async () => {
    const { room, guests } = await roomOf('ann', 'bob')
    const [ann, bob] = guests as [Guest, Guest]
    ann.hide()
    await room.pass(50)
    expect(bob.away()).toEqual(['ANN'])
    bob.shown.length = 0
    await room.pass(1_800_000)
    expect(bob.shown).toEqual([])
    ann.hide(false)
    await room.pass(50)
    expect(bob.away()).toEqual([])
  })

  it('is away after a while without use, if one asks for that', async () => {
    const room = openRoom()
    const ann = room.join('ann', { awayAfterMs: 60_000 })
    const bob = room.join('bob')
    await room.pass(50_000)
    expect(bob.away()).toEqual([])
    ann.presence.update({ name: 'ANNE' })
    await room.pass(50_000)
    expect(bob.away()).toEqual([])
    await room.pass(20_000)
    expect(bob.away()).toEqual(['ANNE'])
    ann.fire('keydown')
    await room.pass(50)
    expect(bob.away()).toEqual([])
  })

  it('stays although its page is reached by no request for most of a minute', async () => {
    const { room, guests } = await roomOf('ann', 'bob')
    const [ann, bob] = guests as [Guest, Guest]
    await room.pass(20_000)
    ann.setOnline(false)
    await room.pass(45_000)
    ann.setOnline(true)
    await room.pass(1000)
    expect(bob.shown.slice(-1)).toEqual(['ann,bob'])
    expect(bob.names()).toEqual(['ANN', 'BOB'])
  })
})

describe('a page that loses its connection', () => {
  it('goes on to show the others, and knows when it is back who left and who came', async () => {
    const { room, guests } = await roomOf('ann', 'bob', 'cid', 'dan')
    const [ann, bob, cid] = guests as [Guest, Guest, Guest]
    ann.setOnline(false)
    while (ann.presence.getSnapshot().status.kind !== 'offline') await room.pass(100)
    await room.pass(600_000)
    expect(ann.names()).toEqual(['ANN', 'BOB', 'CID', 'DAN'])
    expect(bob.names()).toEqual(['BOB', 'CID', 'DAN'])
    bob.unsubscribe()
    const eve = room.join('eve')
    await room.pass(30_000)
    cid.crash()
    ann.setOnline(true)
    await room.pass(12_000)
    expect(ann.presence.getSnapshot().status.kind).toBe('live')
    expect(ann.names()).toEqual(['ANN', 'CID', 'DAN', 'EVE'])
    expect(eve.names()).toEqual(['ANN', 'CID', 'DAN', 'EVE'])
    await room.pass(80_000)
    expect(ann.names()).toEqual(['ANN', 'DAN', 'EVE'])
  })

  it('takes nobody for present who came and crashed meanwhile', async () => {
    const { room, guests } = await roomOf('ann')
    const [ann] = guests as [Guest]
    ann.setOnline(false)
    await room.pass(1000)
    const bob = room.join('bob')
    await room.pass(1000)
    bob.crash()
    await room.pass(40_000)
    ann.setOnline(true)
    await room.pass(100_000)
    expect(ann.shown.filter((ids) => ids.includes('bob'))).toEqual([])
  })

  it.each([true, false])('tells others what changed meanwhile (noticed: %s)', async (isNoticed) => {
    const { room, guests } = await roomOf('ann', 'bob')
    const [ann, bob] = guests as [Guest, Guest]
    ann.setOnline(false)
    await room.pass(1000)
    ann.presence.update({ name: 'ANNE' })
    expect(ann.names()).toEqual(['ANNE', 'BOB'])
    await room.pass(1000)
    ann.setOnline(true, isNoticed)
    while (ann.presence.getSnapshot().status.kind !== 'live') await room.pass(100)
    await room.pass(1000)
    expect(bob.names()).toEqual(['ANNE', 'BOB'])
  })

  it.each(['longer', 'as long'])(
    'soon knows of one who came while it was away and the server lost the stream, when that was %s',
    async (length) => {
      const { room, guests } = await roomOf('ann', 'bob')
      const [ann] = guests as [Guest]
      await room.request('POST', 'x'.repeat(5000))
      await room.pass(1000)
      const end = await endOf(room)
      ann.setOnline(false)
      await room.request('DELETE')
      await room.pass(2000)
      const cid = room.join('cid')
      await room.pass(4000)
      if (length === 'as long') await fillTo(room, end)
      ann.setOnline(true)
      // Less than until the next beat of `cid`, who does not know that anybody missed the first.
      await room.pass(16_000)
      expect(ann.names()).toEqual(['ANN', 'BOB', 'CID'])
      expect(cid.names()).toEqual(['ANN', 'BOB', 'CID'])
    },
  )

  it('does not repeat itself for a connection that breaks again and again', async () => {
    const room = openRoom()
    let isBroken = false
    const flaky: typeof fetch = async (input, init) => {
      if (isBroken && readsLive(input)) throw new TypeError('Failed to fetch')
      return room.fetch(input, init)
    }
    const ann = room.join('ann', {}, flaky)
    await room.pass(1000)
    isBroken = true
    await room.pass(180_000)
    expect(room.requests.length).toBeGreaterThan(100)
    expect(ann.posts.length).toBeLessThan(12)
  })

  it('is not taken for present by a connection that comes back while it is put aside', async () => {
    const { room, guests } = await roomOf('ann', 'bob')
    const [ann, bob] = guests as [Guest, Guest]
    ann.fire('pagehide')
    await room.pass(50)
    ann.setOnline(false)
    await room.pass(100)
    ann.setOnline(true)
    await room.pass(30_000)
    expect(bob.names()).toEqual(['BOB'])
    ann.fire('pageshow')
    await room.pass(500)
    expect(bob.names()).toEqual(['ANN', 'BOB'])
  })

  it('shows all without a gap when the server loses the stream', async () => {
    const { room, guests } = await roomOf('ann', 'bob', 'cid')
    guests.forEach((guest) => (guest.shown.length = 0))
    expect((await room.request('DELETE')).status).toBe(204)
    await room.pass(120_000)
    const dan = room.join('dan')
    await room.pass(1000)
    const isGap = (ids: string): boolean => !ids.startsWith('ann,bob,cid')
    for (const guest of guests) expect(guest.shown.filter(isGap)).toEqual([])
    for (const guest of [...guests, dan])
      expect(guest.names()).toEqual(['ANN', 'BOB', 'CID', 'DAN'])
  })
})

describe('what we tell of ourselves', () => {
  it('is shown here at once and to others soon, and sent only when it changed', async () => {
    const { room, guests } = await roomOf('ann', 'bob')
    const [ann, bob] = guests as [Guest, Guest]
    const before = ann.posts.length
    ann.presence.update({ name: 'ANNE' })
    expect(ann.names()).toEqual(['ANNE', 'BOB'])
    const snapshot = ann.presence.getSnapshot()
    ann.presence.update(({ name }) => ({ name }))
    expect(ann.presence.getSnapshot()).toBe(snapshot)
    await room.pass(100)
    expect(bob.names()).toEqual(['ANNE', 'BOB'])
    expect(ann.posts.length).toBe(before + 1)
  })

  it('may change at every movement of a pointer: twenty times a second it is sent, the last included', async () => {
    const { room, guests } = await roomOf('ann', 'bob')
    const [ann, bob] = guests as [Guest, Guest]
    const before = ann.posts.length
    for (let n = 1; n <= 500; n++) {
      ann.presence.update({ name: `ANN ${n}` })
      await room.pass(4)
    }
    await room.pass(100)
    expect(bob.names()).toEqual(['ANN 500', 'BOB'])
    const sent = ann.posts.length - before
    expect(sent).toBeGreaterThan(20)
    expect(sent).toBeLessThanOrEqual(42)
  })

  it('goes one request after the other, however slow they are', async () => {
    const room = openRoom()
    let onTheWay = 0
    let most = 0
    const slow: typeof fetch = async (input, init) => {
      if (!appends(input, init)) return room.fetch(input, init)
      most = Math.max(most, ++onTheWay)
      await new Promise((resolve) => setTimeout(resolve, 400))
      onTheWay--
      return room.fetch(input, init)
    }
    const ann = room.join('ann', {}, slow)
    const bob = room.join('bob')
    await room.pass(2000)
    for (let n = 1; n <= 100; n++) {
      ann.presence.update({ name: `ANN ${n}` })
      await room.pass(30)
    }
    await room.pass(1000)
    expect(most).toBe(1)
    expect(bob.names()).toEqual(['ANN 100', 'BOB'])
  })

  it('counts from the first moment if it was said before anybody looked', async () => {
    const { room, guests } = await roomOf('bob')
    const ann = room.join('ann')
    ann.presence.update({ name: 'ANNE' })
    await room.pass(500)
    expect(guests[0]!.names()).toEqual(['ANNE', 'BOB'])
  })

  it('is refused when it is too large, or no JSON, and stays as it was', async () => {
    const { room, guests } = await roomOf('ann')
    const [ann] = guests as [Guest]
    const tooLarge = { name: 'A'.repeat(10_000) }
    expect(() => ann.presence.update(tooLarge)).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    )
    expect(() => ann.presence.update(undefined as never)).toThrow(
      expect.objectContaining({ code: 'invalid' }),
    )
    expect(() => room.join('')).toThrow(expect.objectContaining({ code: 'invalid' }))
    expect(ann.names()).toEqual(['ANN'])
  })

  it('may be refused by the server: it is told once, and the others are seen all the same', async () => {
    const { room, guests } = await roomOf('bob')
    const mute: typeof fetch = async (input, init) =>
      appends(input, init) ? new Response('no', { status: 403 }) : room.fetch(input, init)
    const ann = room.join('ann', {}, mute)
    await room.pass(60_000)
    expect(ann.names()).toEqual(['ANN', 'BOB'])
    expect(guests[0]!.names()).toEqual(['BOB'])
    expect(ann.errors.map(({ code }) => code)).toEqual(['forbidden'])
    expect(ann.posts.length).toBeLessThan(6)
  })
})

describe('one person in several tabs', () => {
  it('is one person, of whom the tab in front is shown', async () => {
    const room = openRoom()
    const bob = room.join('bob')
    const left = room.join('ann')
    const right = room.join('ann')
    await room.pass(1000)
    left.presence.update({ name: 'LEFT' })
    right.presence.update({ name: 'RIGHT' })
    await room.pass(100)
    expect(bob.names().length).toBe(2)
    expect(bob.presence.getSnapshot().others[0]!.sessions.length).toBe(2)
    right.hide()
    await room.pass(100)
    expect(bob.names()).toEqual(['LEFT', 'BOB'])
    expect(bob.away()).toEqual([])
    expect(left.presence.getSnapshot().others.map(({ id }) => id)).toEqual(['bob'])
    expect(right.presence.getSnapshot().me.state).toEqual({ name: 'RIGHT' })
    left.fire('pagehide')
    await room.pass(100)
    expect(bob.away()).toEqual(['RIGHT'])
    right.fire('pagehide')
    await room.pass(100)
    expect(bob.names()).toEqual(['BOB'])
  })
})

describe('the stream of presence', () => {
  it('is made beside the room, which stays clean, and goes a while after the last visitor', async () => {
    const room = openRoom()
    const ann = room.join('ann', { ttlSeconds: 60 })
    const bob = room.join('bob', { ttlSeconds: 90 })
    await room.pass(300_000)
    expect(bob.names()).toEqual(['ANN', 'BOB'])
    expect((await room.request('HEAD')).status).toBe(200)
    expect((await room.request('HEAD', undefined, '')).status).toBe(404)
    ann.unsubscribe()
    bob.unsubscribe()
    await room.pass(100_000)
    expect((await room.request('HEAD')).status).toBe(404)
    expect(ann.errors).toEqual([])
  })

  it('may have another name', async () => {
    const room = openRoom()
    room.join('ann', { name: 'who is here' })
    await room.pass(1000)
    expect((await room.request('HEAD', undefined, '/who%20is%20here')).status).toBe(200)
  })

  it('is joined once by a page that mounts twice, as in StrictMode', async () => {
    const room = openRoom()
    const ann = room.join('ann')
    ann.unsubscribe()
    const unsubscribe = ann.presence.subscribe(() => {})
    await room.pass(1000)
    expect(ann.posts.length).toBe(1)
    expect(room.requests.filter((request) => request.startsWith('PUT')).length).toBe(1)
    unsubscribe()
    await room.pass(1000)
    expect(ann.posts.length).toBe(2)
  })

  it('shows everyone who can be understood, whatever else is written to it', async () => {
    const { room, guests } = await roomOf('ann', 'bob')
    const events = [null, 7, 'x', [], {}, { headers: { control: 'reset' } }]
    const strange = [
      { type: 'presence', key: 'k' },
      { type: 'presence', key: 'k', headers: { operation: 'upsert' } },
      { type: 'presence', key: 'k', value: null, headers: { operation: 'insert' } },
      { type: 'presence', key: 'k', value: { id: 7, state: {} }, headers: { operation: 'upsert' } },
      { type: 'presence', key: 'k', value: { id: 'x' }, headers: { operation: 'upsert' } },
      { type: 'presence', key: 'k', value: { id: 'x', state: 1 }, headers: { operation: {} } },
      { type: 'presence', key: 'k', value: { id: 'x', state: 1 }, headers: { operation: 'x' } },
      { type: 'presence', key: '', value: { id: 'x', state: 1 }, headers: { operation: 'upsert' } },
      { type: 'presence', key: 7, value: { id: 'x', state: 1 }, headers: { operation: 'upsert' } },
      { type: 'other', key: 'k', value: { id: 'x', state: 1 }, headers: { operation: 'upsert' } },
    ]
    await room.request('POST', [...events, ...strange])
    const proto = { id: '__proto__', state: { name: 'PROTO' } }
    await room.request('POST', {
      type: 'presence',
      key: '__proto__',
      value: proto,
      headers: { operation: 'insert' },
    })
    await room.pass(1000)
    for (const { names } of guests) expect(names()).toEqual(['PROTO', 'ANN', 'BOB'])
  })

  it('ends with an error or by being closed, and is joined again by the next subscription', async () => {
    const { room, guests } = await roomOf('ann', 'bob')
    const [ann] = guests as [Guest]
    await fetchClosed(room)
    await room.pass(1000)
    expect(ann.presence.getSnapshot()).toMatchObject({ others: [], status: { kind: 'closed' } })
    await room.request('DELETE')
    for (const { presence } of guests) presence.subscribe(() => {})
    await room.pass(1000)
    expect(ann.names()).toEqual(['ANN', 'BOB'])
  })

  it('shows why it cannot be reached', async () => {
    const room = openRoom()
    const ann = room.join('ann', {}, async () => new Response('no', { status: 401 }))
    await room.pass(100)
    expect(ann.presence.getSnapshot()).toMatchObject({
      status: { kind: 'error', error: { code: 'unauthorized' } },
    })
    expect(ann.errors.map(({ code }) => code)).toEqual(['unauthorized'])
  })
})

function fetchClosed(room: Room): Promise<Response> {
  return room.fetch('http://room.test/v1/stream/lobby/presence', {
    method: 'POST',
    headers: { 'stream-closed': 'true' },
  })
}
