import { describe, expect, it } from 'vitest'
import type { LoadedStream } from '../../src/state/hydration.ts'
import { loadStreamWithReducer, setStateReducer } from '../../src/state/ssr/index.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import type { HookFramework, Probe, SetState } from './framework.ts'
import { tapFetch } from './tapped-fetch.ts'

/** Pages that bring their state along. */
export function hydrationContract({ openPage }: HookFramework): void {
  /** Sets `value`, and loads it as a server does. */
  async function loaded(
    serverUrl: string,
    key: string,
    value: number,
  ): Promise<{ data: LoadedStream; writer: Probe<number, SetState<number>, number> }> {
    const page = openPage({ serverUrl })
    const writer = page.state({ initial: 0, key, reads: ['pending'] })
    writer.write(value)
    await eventually(() => expect(writer.meta.pending).toBe(0))
    const data = await loadStreamWithReducer({
      serverUrl,
      path: key,
      reducer: setStateReducer,
      initialState: 0,
      useCache: false,
    })
    return { data, writer }
  }

  describe('a state that the page has brought along', () => {
    it('is there in the first render, and read on from where it was loaded', async () => {
      const { url: serverUrl } = await startServer()
      const { data, writer } = await loaded(serverUrl, 'count', 5)
      const tap = tapFetch()
      const page = openPage({ serverUrl, fetch: tap.fetch, boundaries: [data] })
      const probe = page.state({ initial: 0, key: 'count', reads: ['isLoaded', 'status'] })
      expect(probe.value).toBe(5)
      expect(probe.meta.isLoaded).toBe(true)
      await eventually(() => expect(probe.meta.status.kind).toBe('live'))
      writer.write(6)
      await eventually(() => expect(probe.value).toBe(6))
      expect(probe.values).toEqual([5, 6])
      // What there is, and then what comes.
      const { offset } = data
      expect(tap.asked).toMatchObject([
        { method: 'GET', offset, isLive: false },
        { method: 'GET', offset, isLive: true },
      ])
    })

    it('renders no more often than it has to', async () => {
      const { url: serverUrl } = await startServer()
      const { data } = await loaded(serverUrl, 'count', 5)
      const page = openPage({ serverUrl, boundaries: [data] })
      const plain = page.state({ initial: 0, key: 'count' })
      const curious = page.state({ initial: 0, key: 'count', reads: ['status'] })
      await eventually(() => expect(curious.meta.status.kind).toBe('live'))
      expect(plain.renders).toBe(1)
    })

    it('is what updates are computed from, and none is lost', async () => {
      const { url: serverUrl } = await startServer()
      const { data, writer } = await loaded(serverUrl, 'count', 5)
      const probe = openPage({ serverUrl, boundaries: [data] }).state({ initial: 0, key: 'count' })
      for (let n = 0; n < 10; n++) {
        probe.write((count) => count + 1)
        writer.write((count) => count + 1)
      }
      await eventually(() => expect([probe.value, writer.value]).toEqual([25, 25]))
    })

    it('catches up with what was written after it was loaded', async () => {
      const { url: serverUrl } = await startServer()
      const { data, writer } = await loaded(serverUrl, 'count', 5)
      writer.write(8)
      await eventually(() => expect(writer.meta.pending).toBe(0))
      const probe = openPage({ serverUrl, boundaries: [data] }).state({ initial: 0, key: 'count' })
      await eventually(() => expect(probe.value).toBe(8))
      expect(probe.values).toEqual([5, 8])
    })

    it('comes in lists and in boundaries within boundaries, of which the inner one counts', async () => {
      const { url: serverUrl } = await startServer()
      const one = await loaded(serverUrl, 'one', 1)
      const two = await loaded(serverUrl, 'two', 2)
      two.writer.write(3)
      await eventually(() => expect(two.writer.meta.pending).toBe(0))
      const newer = { ...(await loaded(serverUrl, 'two', 4)).data }
      const boundaries = [[one.data, [two.data]], undefined, newer]
      const page = openPage({ serverUrl, boundaries })
      expect(page.state({ initial: 0, key: 'one' }).value).toBe(1)
      expect(page.state({ initial: 0, key: 'two' }).value).toBe(4)
      expect(page.state({ initial: 0, key: 'three' }).value).toBe(0)
    })

    it('is shown by a component that would wait', async () => {
      const { url: serverUrl } = await startServer()
      const { data } = await loaded(serverUrl, 'count', 5)
      const page = openPage({ serverUrl, boundaries: [data] })
      const probe = page.state({ initial: 0, key: 'count', suspends: true })
      expect([probe.screen, probe.value]).toEqual(['shown', 5])
    })

    it('is there for a key that changes', async () => {
      const { url: serverUrl } = await startServer()
      const { data } = await loaded(serverUrl, 'two', 2)
      const page = openPage({ serverUrl, boundaries: [data] })
      const probe = page.state({ initial: 0, key: 'one' })
      probe.changeKey('two')
      expect(probe.values).toEqual([0, 2])
    })
  })
}
