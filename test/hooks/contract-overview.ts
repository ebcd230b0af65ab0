import { describe, expect, it, onTestFinished } from 'vitest'
import { startCuttableProxy } from '../support/cuttable-proxy.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import type { HookFramework } from './framework.ts'
import { tapFetch } from './tapped-fetch.ts'

/** Hooks that look at how all states of a page are connected. */
export function overviewContract({ openPage }: HookFramework): void {
  describe('how a page is connected', () => {
    it('is told for all of its streams together, also when they are away and back', async () => {
      const { url } = await startServer()
      const proxy = await startCuttableProxy(Number(new URL(url).port))
      onTestFinished(() => proxy.close())
      const serverUrl = url.replace(/:\d+/, `:${proxy.port}`)
      const page = openPage({ serverUrl })
      const connection = page.connection()
      expect(connection.value).toEqual({ kind: 'idle' })
      const [one] = ['one', 'two'].map((key) => page.state({ initial: 0, key }))
      await eventually(() => expect(connection.value).toEqual({ kind: 'online' }))
      expect(connection.values.map(({ kind }) => kind)).toEqual(['idle', 'connecting', 'online'])

      proxy.setOffline(true)
      await eventually(() =>
        expect(connection.value).toMatchObject({
          kind: 'offline',
          retryAt: expect.any(Number),
          cause: { code: 'disconnected' },
        }),
      )
      one!.write(1)
      expect(one!.value).toBe(1)
      proxy.setOffline(false)
      await eventually(() => expect(connection.value).toEqual({ kind: 'online' }))
    })

    it.each([
      [undefined, 1],
      ['page', 1],
      ['stream', 3],
    ] as const)(
      'follows from what the provider is told (connection %s: %i for three keys)',
      async (connection, count) => {
        const { url: serverUrl } = await startServer()
        const tap = tapFetch()
        const page = openPage({ serverUrl, fetch: tap.fetch, connection })
        const keys = ['one', 'two', 'rooms/three']
        const all = keys.map((key) => page.state({ initial: 0, key }))
        await eventually(() => expect(tap.readsOf.toSorted()).toEqual(keys.toSorted()))
        await eventually(() => expect(tap.openRequests).toBe(count))
        const other = openPage({ serverUrl })
        for (const key of keys) other.state({ initial: 0, key }).write(7)
        await eventually(() => expect(all.map(({ value }) => value)).toEqual([7, 7, 7]))
      },
    )

    it('is told of one stream, without reading it', async () => {
      const { url: serverUrl } = await startServer()
      const tap = tapFetch()
      const page = openPage({ serverUrl, fetch: tap.fetch })
      const status = page.stream('count')
      const another = page.stream('another')
      expect(status.value).toEqual({ kind: 'idle' })
      expect(tap.asked).toEqual([])

      const probe = page.state({ initial: 0, key: 'count' })
      await eventually(() => expect(status.value).toEqual({ kind: 'live' }))
      probe.unmount()
      await eventually(() => expect(status.value).toEqual({ kind: 'idle' }))
      expect(another.values).toEqual([{ kind: 'idle' }])
    })
  })
}
