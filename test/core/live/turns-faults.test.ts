import { describe, expect, it } from 'vitest'
import { lateness, openWorld, pathsOf } from './turns-page.ts'

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

describe('streams that take turns', () => {
  it('are read on a server that has no SSE', async () => {
    const { server, readAll, appendRounds, pass } = await openWorld()
    server.hasSse = false
    const seen = readAll(12)
    await pass(8000)
    const times = await appendRounds(12, { everyMs: 1100 })

    expect(seen.map(({ items }) => items)).toEqual(seen.map(() => upTo(10)))
    expect(Math.max(...seen.map((one) => lateness(one, times)))).toBeLessThanOrEqual(1010)
    expect(server.mostOpen).toBe(4)
  })

  it('are read on a server that has no long-poll', async () => {
    const { server, readAll, appendRounds, pass } = await openWorld()
    server.hasPoll = false
    const seen = readAll(6)
    await pass(3000)
    const times = await appendRounds(6, { everyMs: 1100 })

    expect(seen.map(({ items }) => items)).toEqual(seen.map(() => upTo(10)))
    expect(Math.max(...seen.map((one) => lateness(one, times)))).toBeLessThanOrEqual(1010)
    expect(server.asked.filter(({ kind }) => kind === 'long-poll').length).toBeLessThanOrEqual(2)
  })

  it('are read past a proxy that holds SSE back', async () => {
    const { server, readAll, appendRounds, pass } = await openWorld()
    server.isBuffering = true
    const seen = readAll(12)
    await pass(60_000)
    const times = await appendRounds(12, { everyMs: 1100 })

    expect(seen.map(({ items }) => items)).toEqual(seen.map(() => upTo(10)))
    expect(Math.max(...seen.map((one) => lateness(one, times)))).toBeLessThanOrEqual(1010)
  })

  it('end when they are closed, deleted or refused, each by itself', async () => {
    const { server, readAll, pass } = await openWorld()
    const seen = readAll(12)
    await pass(3000)
    const [kept] = server.open()
    const turning = seen.filter(({ path }) => !server.open().some((one) => one.path === path))
    const [closed, removed, refused, ...others] = turning
    server.append(closed!.path, '"last"')
    server.close(closed!.path)
    server.remove(removed!.path)
    server.refused.set(refused!.path, 403)
    await pass(4000)
    for (const { path } of others) server.append(path, '1')
    await pass(1100)

    expect(kept!.kind).toBe('sse')
    expect(closed).toMatchObject({ items: ['last'], isOver: true, error: undefined })
    expect(removed).toMatchObject({ isOver: true, error: { code: 'not-found' } })
    expect(refused).toMatchObject({ isOver: true, error: { code: 'forbidden' } })
    for (const one of others) expect(one).toMatchObject({ items: [1], isOver: false })
  })

  it("have the server's own refusal when they are refused at once", async () => {
    const { server, readAll, ask, pass } = await openWorld()
    readAll(9)
    await pass(3000)
    server.create('secret')
    server.refused.set('secret', 401)
    const asked = ask('secret', { offset: '00000000' })
    await pass(2000)
    const response = await asked

    expect(response.status).toBe(401)
    expect(await response.text()).toBe('refused')
  })

  it('wait for no stream that the server does not answer for longer than ten seconds', async () => {
    const { server, readAll, appendRounds, pass } = await openWorld()
    const seen = readAll(12)
    await pass(3000)
    server.hung.add('room-11')
    server.hung.add('room-10')
    const times = await appendRounds(10, { everyMs: 1000, rounds: 60 })

    for (const one of seen.slice(0, 10)) {
      expect(one.items.length).toBeGreaterThanOrEqual(59)
      expect(lateness(one, times)).toBeLessThanOrEqual(11_100)
    }
    // As soon as it is known that they hang, nobody waits for them.
    const late = seen[9]!.times.map((time, n) => time - times[n]!)
    expect(late.filter((ms) => ms > 1010).length).toBeLessThanOrEqual(11)
  })

  it('go on when the network is back', async () => {
    const { server, readAll, pass } = await openWorld()
    const seen = readAll(12)
    await pass(3000)
    for (let n = 0; n < 3; n++) {
      server.isAway = true
      server.cut()
      for (const path of pathsOf(12)) server.append(path, `${n}`)
      await pass(7000)
      server.isAway = false
      await pass(15_000)
    }

    expect(seen.map(({ items }) => items)).toEqual(seen.map(() => [0, 1, 2]))
    expect(server.mostOpen).toBe(4)
  })

  it('do not give an answer up that takes longer than a turn', async () => {
    const { server, readAll, pass } = await openWorld()
    const seen = readAll(6)
    await pass(3000)
    server.wayMs = () => 600
    await pass(10_000)
    const at = Date.now()
    for (const path of pathsOf(6)) server.append(path, '1')
    await pass(6000)

    expect(seen.map(({ items }) => items)).toEqual(seen.map(() => [1]))
    // Four wait: two round trips, and the one that was under way.
    expect(Math.max(...seen.map((one) => lateness(one, [at])))).toBeLessThanOrEqual(3 * 1200)
  })

  it('ask for new tokens after a while, as on connections that servers end', async () => {
    const { server, readAll, pass } = await openWorld()
    const tokens = new Set<string | null>()
    let token = 0
    server.onAsked = (headers) => tokens.add(headers.get('authorization'))
    readAll(9, { headers: { authorization: () => `token ${token}` } })
    await pass(3000)
    token = 1
    await pass(70_000)
    tokens.clear()
    await pass(5000)

    expect([...tokens]).toEqual(['token 1'])
  })
})

describe('what streams that take turns are made of', () => {
  it('is JSON as it was written, whatever white space is in it', async () => {
    const { server, readAll, pass } = await openWorld()
    const seen = readAll(9)
    await pass(3000)
    for (const path of pathsOf(9)) {
      server.append(path, '{"a":\r\n[1,\n\n 2],\r"b": "\\r\\n é🙂"}')
      server.append(path, '[[]]')
    }
    await pass(1100)

    for (const { items } of seen) expect(items).toEqual([{ a: [1, 2], b: '\r\n é🙂' }, [[]]])
  })

  it('is text to the letter, also when it is cut within a character', async () => {
    const { server, read, pass } = await openWorld()
    const bytes = new TextEncoder().encode('añ🙂\n\u2028ü\n\n—🎉x')
    const seen = pathsOf(9).map((path) => {
      server.create(path, 'text/plain; charset=utf-8')
      return read(path, { as: 'text' })
    })
    await pass(3000)
    for (const byte of bytes) {
      for (const { path } of seen) server.append(path, Uint8Array.of(byte))
      await pass(400)
    }
    await pass(1100)

    expect(seen.map(({ text }) => text)).toEqual(seen.map(() => 'añ🙂\n\u2028ü\n\n—🎉x'))
  })

  it('is text that stays whole when streams go back to SSE in the middle of a character', async () => {
    const { server, read, pass } = await openWorld()
    const seen = pathsOf(6).map((path) => {
      server.create(path, 'text/plain')
      return read(path, { as: 'text' })
    })
    await pass(3000)
    const [first, ...rest] = new TextEncoder().encode('🙂')
    for (const { path } of seen) server.append(path, Uint8Array.of(first!))
    await pass(1500)
    seen[0]!.leave()
    seen[1]!.leave()
    await pass(5000)
    for (const byte of rest) {
      for (const { path } of seen) server.append(path, Uint8Array.of(byte))
    }
    await pass(5000)
    for (const { path } of seen) server.append(path, '!')
    await pass(20)

    expect(seen.slice(2).map(({ text }) => text)).toEqual(['🙂!', '🙂!', '🙂!', '🙂!'])
  })

  it('is bytes as they are', async () => {
    const { server, read, pass } = await openWorld()
    const bytes = Uint8Array.from({ length: 100_000 }, (_, n) => (n * 7) % 256)
    const seen = pathsOf(9).map((path) => {
      server.create(path, 'application/octet-stream')
      return read(path, { as: 'bytes' })
    })
    await pass(3000)
    for (const { path } of seen) server.append(path, bytes)
    await pass(1100)

    for (const one of seen) expect(Buffer.from(bytes).equals(one.bytes)).toBe(true)
  })
})
