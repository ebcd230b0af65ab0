import { describe, expect, it } from 'vitest'
import type { ChangeEvent } from 'streamwell/state'
import { eventually } from '../support/eventually.ts'
import { gatedFetch } from '../support/gated-fetch.ts'
import { appends } from '../support/live-reads.ts'
import { startServer } from '../support/server.ts'
import { someoneElse } from './chat.ts'
import { type Counters, openCounters, put, schema, startCounters } from './counters.ts'

// A busy machine takes its time.
async function logOf(url: string): Promise<ChangeEvent[]> {
  return (await (await fetch(url)).json()) as ChangeEvent[]
}

describe('an update of a row that somebody else changes first', () => {
  it('is made again on the row as it is now, and shows so while it is under way', async () => {
    const { url, other } = await startCounters()
    const gated = gatedFetch()
    const { db, counters, add, n } = openCounters(url, gated.fetch)
    await db.preload()
    const seen: unknown[] = []
    counters.subscribeChanges((changes) => seen.push(changes.map(({ value }) => value.n)))

    const added = add()
    expect(n()).toBe(1)
    await other.append(put(10))
    await eventually(() => expect(n()).toBe(11))
    gated.open()
    await added

    expect(counters.get('a')).toMatchObject({ n: 11, $synced: true })
    expect(seen.flat().filter((value, i, all) => value !== all[i - 1])).toEqual([1, 11])
    expect((await logOf(url)).at(-1)).toMatchObject({ value: { n: 11 } })
  })

  it('keeps what two people wrote into two fields at once', async () => {
    const { url } = await startCounters()
    const gates = [gatedFetch(), gatedFetch()] as const
    const [ada, bob] = gates.map((gated) => openCounters(url, gated.fetch)) as [Counters, Counters]
    await Promise.all([ada.db.preload(), bob.db.preload()])
    const writes = [
      ada.counters.update('a', (counter) => void (counter.n = 7)),
      bob.counters.update('a', (counter) => void (counter.note = 'Bob was here')),
    ]
    for (const gated of gates) gated.open()
    await Promise.all(writes.map((write) => write.isPersisted.promise))

    const both = { id: 'a', n: 7, note: 'Bob was here' }
    await eventually(() => expect([ada.row(), bob.row()]).toEqual([both, both]))
    const late = openCounters(url)
    await late.db.preload()
    expect(late.row()).toEqual(both)
  })

  it('counts a hundred quick clicks of each of five people, in few requests', async () => {
    const { url } = await startCounters()
    let requests = 0
    const counting: typeof fetch = (input, init) => {
      if (appends(input, init)) requests++
      return fetch(input, init)
    }
    const people = Array.from({ length: 5 }, () => openCounters(url, counting))
    await Promise.all(people.map(({ db }) => db.preload()))
    const falls: string[] = []
    for (const { counters, n } of people) {
      let last = 0
      counters.subscribeChanges(() => {
        if (n()! < last) falls.push(`${last} to ${n()}`)
        last = n()!
      })
    }
    await Promise.all(people.flatMap(({ add }) => Array.from({ length: 100 }, () => add())))
    await eventually(() => expect(people.map(({ n }) => n())).toEqual(Array(5).fill(500)))
    expect(requests).toBeLessThan(60)
    expect(falls).toEqual([])
  })

  it('fails when the row is gone, and nothing of it is left', async () => {
    const { url, other } = await startCounters()
    const gated = gatedFetch()
    const { db, counters, add } = openCounters(url, gated.fetch)
    await db.preload()
    const added = add()
    await other.append(schema.counters.delete({ key: 'a' }))
    await expect(added).rejects.toMatchObject({
      name: 'StreamError',
      code: 'conflict',
      message: expect.stringContaining('counters "a" was deleted before your update'),
    })
    expect(counters.size).toBe(0)
    gated.open()
    await other.append(put(1, 'b'))
    await eventually(() => expect([...counters.keys()]).toEqual(['b']))
  })

  it('fails with what its function throws on the newer row', async () => {
    const { url, other } = await startCounters()
    const gated = gatedFetch()
    const { db, counters, n } = openCounters(url, gated.fetch)
    await db.preload()
    const { promise } = counters.update('a', (counter) => {
      if (counter.n > 5) throw new Error('full')
      counter.n++
    }).isPersisted
    await other.append(put(10))
    await expect(promise).rejects.toThrow('full')
    expect(n()).toBe(10)
    gated.open()
    expect(db.status.current.kind).toBe('live')
  })

  it('is done when it changes nothing any more', async () => {
    const { url, other } = await startCounters()
    const gated = gatedFetch()
    const { db, counters } = openCounters(url, gated.fetch)
    await db.preload()
    const { promise } = counters.update('a', (counter) => void (counter.n = 10)).isPersisted
    await gated.arrived
    await other.append(put(10))
    await promise
    expect(counters.get('a')).toMatchObject({ n: 10, $synced: true })
    gated.open()
  })

  it('leaves inserts and deletes as they are: the last one wins', async () => {
    const { url, other } = await startCounters(put(0), put(0, 'b'))
    const gated = gatedFetch()
    const { db, counters, n } = openCounters(url, gated.fetch)
    await db.preload()
    const writes = [counters.delete('a'), counters.insert({ id: 'c', n: 1 })]
    await other.appendAll([put(5), put(5, 'c')])
    await other.append(put(5, 'b'))
    await eventually(() => expect(n('b')).toBe(5))
    expect([counters.has('a'), n('c')]).toEqual([false, 1])
    gated.open()
    await Promise.all(writes.map((write) => write.isPersisted.promise))
    expect([counters.has('a'), n('c')]).toEqual([false, 1])
    expect(db.counts.superseded).toBe(0)
  })
})

describe('several updates under way', () => {
  it('build on each other, on an insert as well, and wait for nothing', async () => {
    const { url } = await startCounters()
    const gated = gatedFetch()
    const { db, counters, add, n } = openCounters(url, gated.fetch)
    await db.preload()
    const first = add()
    await gated.arrived
    const inserted = counters.insert({ id: 'new', n: 1 }).isPersisted.promise
    const others = [add(), add(), add(1, 'new'), add(1, 'new')]
    expect([n(), n('new')]).toEqual([3, 3])
    gated.open()
    await Promise.all([first, inserted, ...others])
    expect([n(), n('new')]).toEqual([3, 3])
    expect(db.counts).toMatchObject({ superseded: 0, applied: 7 })
  })

  it('are made again without one that was refused', async () => {
    const { url: root } = await startServer({ maxBodyBytes: 500 })
    const url = `${root}/counters`
    await (await someoneElse(url)).append(put(0))
    const gated = gatedFetch()
    const { db, counters, add, row } = openCounters(url, gated.fetch)
    await db.preload()
    const first = add()
    await gated.arrived
    const refused = counters.update('a', (counter) => {
      counter.n += 100
      counter.note = 'x'.repeat(1_000)
    })
    const last = add()
    gated.open()
    await expect(refused.isPersisted.promise).rejects.toMatchObject({ code: 'too-large' })
    await Promise.all([first, last])
    expect(row()).toEqual({ id: 'a', n: 2 })
  })

  it('of two rows at once apply together or not at all, and are never seen half', async () => {
    const { url } = await startCounters(put(100), put(100, 'b'))
    const people = Array.from({ length: 4 }, () => openCounters(url))
    await Promise.all(people.map(({ db }) => db.preload()))
    const torn: unknown[] = []
    for (const { counters, n } of people) {
      counters.subscribeChanges(() => {
        if (n('a')! + n('b')! !== 200) torn.push([n('a'), n('b')])
      })
    }
    const moves = people.flatMap(({ counters }, i) =>
      Array.from({ length: 10 }, (_, round) => {
        const move =
          round % 5 === 4
            ? counters.update('b', (b) => void (b.note = `${i} ${round}`))
            : counters.update(['a', 'b'], ([a, b]) => {
                a!.n -= i + 1
                b!.n += i + 1
              })
        return move.isPersisted.promise
      }),
    )
    await Promise.all(moves)
    const moved = [1, 2, 3, 4].reduce((sum, each) => sum + each * 8, 0)
    for (const { n } of people) {
      await eventually(() => expect([n('a'), n('b')]).toEqual([100 - moved, 100 + moved]))
    }
    expect(torn).toEqual([])
  })

  it('of two rows at once count once, when somebody changed the second row only', async () => {
    const { url, other } = await startCounters(put(100), put(100, 'b'))
    const gated = gatedFetch()
    const { db, counters, row } = openCounters(url, gated.fetch)
    const reader = openCounters(url)
    await Promise.all([db.preload(), reader.db.preload()])
    const moved = counters.update(['a', 'b'], ([a, b]) => {
      a!.n -= 5
      b!.n += 5
    })
    await gated.arrived
    await other.append(put(100, 'b', 'Seen'))
    await eventually(() => expect(row('b')).toEqual({ id: 'b', n: 105, note: 'Seen' }))
    gated.open()
    await moved.isPersisted.promise
    for (const each of [row, reader.row]) {
      await eventually(() => {
        expect([each('a'), each('b')]).toEqual([
          { id: 'a', n: 95 },
          { id: 'b', n: 105, note: 'Seen' },
        ])
      })
    }
    expect(reader.db.counts.superseded).toBe(1)
  })
})
