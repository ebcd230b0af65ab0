import { describe, expect, it, vi } from 'vitest'
import { lateness, openWorld, pathsOf } from './turns-page.ts'

describe('the live streams of a page, on a host that allows few connections', () => {
  it('have a connection each while they are four', async () => {
    const { server, readAll, pass } = await openWorld()
    const seen = readAll(4)
    await pass(3000)
    for (const path of pathsOf(4)) server.append(path, '1')
    await pass(10)

    expect(server.open().map(({ kind }) => kind)).toEqual(['sse', 'sse', 'sse', 'sse'])
    expect(server.asked).toHaveLength(4)
    expect(seen.map(({ items }) => items)).toEqual([[1], [1], [1], [1]])
  })

  it.each([5, 6, 8, 10, 11, 30])(
    'are %i, of which two keep SSE, and all are told within a second and a round trip',
    async (count) => {
      const { server, readAll, appendRounds, pass } = await openWorld()
      const seen = readAll(count)
      await pass(3000)
      const times = await appendRounds(count, { everyMs: 777 })
      await pass(1100)

      expect(seen.map(({ items }) => items)).toEqual(seen.map(() => times.map((_, n) => n)))
      expect(Math.max(...seen.map((one) => lateness(one, times)))).toBeLessThanOrEqual(1010)
      expect(server.mostOpen).toBe(4)
      expect(server.open().filter(({ kind }) => kind === 'sse')).toHaveLength(2)
    },
  )

  it('are all live within two seconds, when sixty are opened at once', async () => {
    const { server, readAll, pass } = await openWorld()
    const seen = readAll(60)
    await pass(1000)
    const at = Date.now()
    for (const path of pathsOf(60)) server.append(path, '1')
    await pass(1010)

    expect(seen.map(({ items }) => items)).toEqual(seen.map(() => [1]))
    expect(Math.max(...seen.map((one) => lateness(one, [at])))).toBeLessThanOrEqual(1010)
    expect(server.mostOpen).toBe(4)
  })

  it('wait half as many round trips as they are, where answers come slowly', async () => {
    const { server, readAll, pass } = await openWorld()
    server.wayMs = () => 75
    const seen = readAll(42)
    await pass(8000)
    const at = Date.now()
    for (const path of pathsOf(42)) server.append(path, '1')
    await pass(5000)

    // Forty wait; two round trips of 150 ms are under way at a time.
    expect(Math.max(...seen.map((one) => lateness(one, [at])))).toBeLessThanOrEqual(21 * 150)
    expect(seen.map(({ items }) => items)).toEqual(seen.map(() => [1]))
  })

  it('are not asked in a storm when they have nothing new', async () => {
    const { server, readAll, pass } = await openWorld()
    server.wayMs = () => 1
    readAll(32)
    await pass(3000)
    const before = server.asked.length
    await pass(10_000)

    expect(server.asked.length - before).toBeLessThanOrEqual(10 * 30 + 30)
  })

  it('do not wait longer for one that always has something new', async () => {
    const { server, readAll, pass } = await openWorld()
    const seen = readAll(12)
    await pass(3000)
    const times: number[] = []
    for (let n = 0; n < 500; n++) {
      for (const path of pathsOf(6)) server.append(path, `${n}`)
      if (n % 100 === 0) {
        times.push(Date.now())
        for (const path of pathsOf(12).slice(6)) server.append(path, `${n / 100}`)
      }
      await pass(10)
    }
    await pass(1100)

    for (const one of seen.slice(6)) {
      expect(one.items).toEqual([0, 1, 2, 3, 4])
      expect(lateness(one, times)).toBeLessThanOrEqual(1010)
    }
    expect(seen[0]!.items).toEqual(Array.from({ length: 500 }, (_, n) => n))
  })

  it('hand SSE on when one that kept it ends', async () => {
    const { server, readAll, pass } = await openWorld()
    const seen = readAll(8)
    await pass(3000)
    const kept = server.open().filter(({ kind }) => kind === 'sse')
    seen.find(({ path }) => path === kept[0]!.path)!.leave()
    await pass(1500)
    const keep = server.open().filter(({ kind }) => kind === 'sse')

    expect(keep).toHaveLength(2)
    expect(keep).toContainEqual(kept[1])
    expect(keep).not.toContainEqual(kept[0])
  })

  it('take what two that leave had, and what the network has cut off', async () => {
    const { server, readAll, pass } = await openWorld()
    const seen = readAll(12)
    const byEvents = (): string[] =>
      server.open().flatMap(({ kind, path }) => (kind === 'sse' ? [path] : []))
    await pass(3000)
    const first = byEvents()
    for (const { path, leave } of seen) if (first.includes(path)) leave()
    await pass(5000)
    expect(byEvents()).toHaveLength(2)

    server.cut()
    await pass(5000)
    expect(byEvents()).toHaveLength(2)
  })

  it('keep SSE when the server ends each response after a while', async () => {
    const { server, readAll, pass } = await openWorld()
    server.sseMs = 5000
    const seen = readAll(8)
    await pass(3000)
    const before = new Set(server.open().flatMap(({ kind, path }) => (kind === 'sse' ? path : [])))
    const asked = server.asked.length
    await pass(30_000)
    const after = server.asked.slice(asked).filter(({ kind }) => kind === 'sse')

    expect(after.length).toBeGreaterThanOrEqual(10)
    expect(new Set(after.map(({ path }) => path))).toEqual(before)
    expect(seen.map(({ statuses }) => statuses)).toEqual(seen.map(() => ['connecting', 'live']))
  })

  it('go back to a connection each when they are four again, and lose nothing', async () => {
    const { server, readAll, pass } = await openWorld()
    const seen = readAll(9)
    await pass(3000)
    for (const one of seen.slice(2, 7)) one.leave()
    const stay = [...seen.slice(0, 2), ...seen.slice(7)]
    for (let n = 0; n < 300; n++) {
      for (const { path } of stay) server.append(path, `${n}`)
      await pass(10)
    }
    const asked = server.asked.length
    for (const { path } of stay) server.append(path, '300')
    await pass(10)

    expect(server.open().map(({ kind }) => kind)).toEqual(['sse', 'sse', 'sse', 'sse'])
    expect(server.asked).toHaveLength(asked)
    for (const { items } of stay) expect(items).toEqual(Array.from({ length: 301 }, (_, n) => n))
  })

  it('are opened and closed over and over without an end to SSE for good', async () => {
    const { server, readAll, read, pass } = await openWorld()
    const [first] = readAll(4)
    server.create('fifth')
    for (let n = 0; n < 12; n++) {
      const fifth = read('fifth')
      await pass(700)
      fifth.leave()
      await pass(2300)
    }
    server.append(first!.path, '1')
    await pass(10)

    expect(server.open().map(({ kind }) => kind)).toEqual(['sse', 'sse', 'sse', 'sse'])
    expect(first!.items).toEqual([1])
  })

  it('share a turn when they are read by several', async () => {
    const { server, readAll, read, appendRounds, pass } = await openWorld()
    const seen = readAll(10)
    for (let n = 0; n < 5; n++) seen.push(...pathsOf(10).map((path) => read(path)))
    await pass(5000)
    const before = server.asked.length
    const times = await appendRounds(10, { everyMs: 2000, rounds: 5 })

    // Ten streams, once a second and at once after news; not sixty readers.
    expect(server.asked.length - before).toBeLessThanOrEqual(10 * 10 + 5 * 2 * 10)
    expect(seen.map(({ items }) => items)).toEqual(seen.map(() => [0, 1, 2, 3, 4]))
    expect(Math.max(...seen.map((one) => lateness(one, times)))).toBeLessThanOrEqual(1010)
  })

  it('leave nothing behind when they end', async () => {
    const { server, readAll, pass } = await openWorld()
    for (let round = 0; round < 20; round++) {
      const seen = readAll(12)
      await pass(round * 37)
      seen.forEach((one) => one.leave())
      await pass(1)
      expect(server.open()).toEqual([])
      expect(vi.getTimerCount()).toBe(0)
    }
  })

  it('are asked at once, each by itself, on a host that allows many', async () => {
    const { server, readAll, pass } = await openWorld(() => false)
    readAll(20)
    await pass(1000)

    expect(server.open().map(({ kind }) => kind)).toEqual(Array.from({ length: 20 }, () => 'sse'))
  })

  it('are asked for no more while their reader does not read', async () => {
    const { server, readAll, ask, pass } = await openWorld()
    readAll(9)
    await pass(3000)
    server.create('unread')
    const asked = ask('unread', { offset: '00000000' })
    await pass(1000)
    server.append('unread', '"x"')
    await pass(3000)
    const count = (): number => server.asked.filter(({ path }) => path === 'unread').length
    const before = count()
    for (let n = 0; n < 10; n++) {
      server.append('unread', `"${'x'.repeat(1000)}"`)
      await pass(1000)
    }

    expect(count()).toBe(before)
    const response = await asked
    await response.body!.cancel()
  })
})

describe('readers by long-poll, on a host that allows few connections', () => {
  it('take turns too, and are told within a second and a round trip', async () => {
    const { server, readAll, appendRounds, pass } = await openWorld()
    const seen = readAll(20, { live: 'long-poll' })
    await pass(3000)
    const times = await appendRounds(20, { everyMs: 1300 })

    expect(seen.map(({ items }) => items)).toEqual(seen.map(() => times.map((_, n) => n)))
    expect(Math.max(...seen.map((one) => lateness(one, times)))).toBeLessThanOrEqual(1010)
    expect(server.mostOpen).toBe(4)
  })

  it('are answered after a while without news, as servers answer', async () => {
    const { readAll, ask, server, pass } = await openWorld()
    readAll(9)
    await pass(3000)
    server.append('room-0', '"x"')
    const asked = ask('room-0', { offset: '00000001', live: 'long-poll' })
    await pass(30_000)
    const { status, headers } = await asked

    expect(status).toBe(204)
    expect(headers.get('stream-next-offset')).toBe('00000001')
    expect(headers.get('stream-up-to-date')).toBe('true')
  })

  it('miss nothing that comes between two turns when they asked from now on', async () => {
    const { readAll, ask, server, pass } = await openWorld()
    readAll(12)
    await pass(3000)
    const asked = ask('room-0', { offset: 'now', live: 'long-poll' })
    await pass(1000)
    server.append('room-0', '"x"')
    await pass(1500)

    expect(await (await asked).json()).toEqual(['x'])
  })
})
