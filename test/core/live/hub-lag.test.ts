import { describe, expect, it, onTestFinished } from 'vitest'
import { setLiveFetch } from '../../../src/core/live.ts'
import { stream } from '../../../src/core/index.ts'
import { eventually } from '../../support/eventually.ts'
import { openDesk } from './hub-reading.ts'
import { urlOf } from './hub-server.ts'

const KIB = 'x'.repeat(1024)

describe('a reader that does not read', () => {
  it('keeps no other waiting, and costs no more memory than its share', async () => {
    const { server, ask } = openDesk()
    for (const path of ['slow', 'fast']) server.append(path, 'old')
    const slow = await ask('slow', server.tail('slow'), { reads: false })
    const fast = await ask('fast', server.tail('fast'))
    const also = await ask('slow', server.tail('slow'))
    for (let i = 0; i < 1000; i++) {
      server.append('slow', KIB)
      server.append('fast', i)
      await Promise.resolve()
    }

    await eventually(() => expect(fast.items).toHaveLength(1000))
    await eventually(() => expect(also.items).toHaveLength(1000))
    await slow.read()
    expect(slow.ended).toBe('cleanly')
    expect(slow.items.length).toBeGreaterThan(200)
    expect(slow.items.length).toBeLessThan(257)
    expect(slow).toMatchObject({
      upToDate: false,
      offset: server.tail('slow', 1 + slow.items.length),
    })
    expect(server.open()).toBe(1)
  })

  it('gets a message of any length', async () => {
    const { server, ask } = openDesk()
    server.append('slow', 'old')
    const slow = await ask('slow', server.tail('slow'), { reads: false })
    const long = KIB.repeat(1000)
    server.append('slow', long)
    await eventually(() => expect(server.open()).toBe(1))
    void slow.read()

    await eventually(() => expect(slow.items).toEqual([long]))
  })

  it('has everything, once and in order, when it reads again', async () => {
    const { server, live } = openDesk()
    setLiveFetch(live)
    server.append('slow', 0)
    const controller = new AbortController()
    onTestFinished(() => controller.abort())
    let goOn = (): void => undefined
    const stopped = new Promise<void>((resolve) => (goOn = resolve))
    const got: unknown[] = []
    const response = await stream<{ n: number }>({
      url: urlOf('slow'),
      fetch: server.fetch,
      live: true,
      signal: controller.signal,
    })
    response.subscribeJson(async ({ items }) => {
      got.push(...items)
      if (got.length > 1) await stopped
    })
    await eventually(() => expect(server.open()).toBe(1))
    const sent = Array.from({ length: 1000 }, (_, n) => ({ n, KIB }))
    for (const item of sent) {
      server.append('slow', item)
      await Promise.resolve()
    }
    // It lags behind, and nobody else reads.
    await eventually(() => expect(server.open()).toBe(0))
    goOn()

    await eventually(() => expect(got).toHaveLength(1001))
    expect(got).toEqual([0, ...sent])
  })
})
