import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import type { HookFramework } from './framework.ts'
import { forgetConsole } from './silent-console.ts'
import { holdReads, tapFetch } from './tapped-fetch.ts'

/** Components that wait for their state. */
export function loadingContract({ openPage }: HookFramework): void {
  const suspends = true

  async function store(serverUrl: string, key: string, value: number): Promise<void> {
    const page = openPage({ serverUrl })
    const one = page.state({ initial: 0, key, reads: ['pending'] })
    one.write(value)
    await eventually(() => expect(one.meta.pending).toBe(0))
    page.close()
  }

  describe('a component that waits for its state', () => {
    it('shows its fallback until the state is there, and never the initial value', async () => {
      const { url: serverUrl } = await startServer()
      await store(serverUrl, 'count', 5)
      const tap = tapFetch()
      const held = holdReads(tap, 'count')
      const page = openPage({ serverUrl, fetch: tap.fetch })
      const probe = page.state({ initial: 0, key: 'count', suspends })
      await held.arrived
      expect(probe.screen).toBe('waiting')
      held.open()
      await eventually(() => expect(probe.screen).toBe('shown'))
      expect(probe.values).toEqual([5])
      probe.write((count) => count + 1)
      expect(probe.value).toBe(6)
    })

    it('shows the initial value of a stream that nobody has written to', async () => {
      const { url: serverUrl } = await startServer()
      const reducer = (list: readonly string[], item: string): readonly string[] => [...list, item]
      const initial: readonly string[] = []
      const probe = openPage({ serverUrl }).reducer({ reducer, initial, key: 'list', suspends })
      await eventually(() => expect(probe.screen).toBe('shown'))
      probe.write('a')
      expect(probe.values).toEqual([[], ['a']])
    })

    it('shows at once what another component has loaded', async () => {
      const { url: serverUrl } = await startServer()
      const page = openPage({ serverUrl })
      const other = page.state({ initial: 0, key: 'count', reads: ['isLoaded'] })
      await eventually(() => expect(other.meta.isLoaded).toBe(true))
      expect(page.state({ initial: 0, key: 'count', suspends }).screen).toBe('shown')
    })

    it('shares one connection with others that wait', async () => {
      const { url: serverUrl } = await startServer()
      const tap = tapFetch()
      const page = openPage({ serverUrl, fetch: tap.fetch, isStrict: true })
      const many = Array.from({ length: 20 }, () =>
        page.state({ initial: 0, key: 'count', suspends }),
      )
      await eventually(() => {
        for (const one of many) expect(one.screen).toBe('shown')
      })
      await eventually(() => expect(tap.openReads).toBe(1))
      expect(tap.asked.filter(({ isLive }) => isLive)).toHaveLength(1)
      for (const one of many) one.unmount()
      await eventually(() => expect(tap.openReads).toBe(0))
    })

    it('can go while it waits, and lets go of its connection', async () => {
      const { url: serverUrl } = await startServer()
      const tap = tapFetch()
      const held = holdReads(tap, 'count')
      const page = openPage({ serverUrl, fetch: tap.fetch })
      const probe = page.state({ initial: 0, key: 'count', suspends })
      await held.arrived
      probe.unmount()
      held.open()
      await eventually(() => expect(tap.asked.some(({ isLive }) => isLive)).toBe(true))
      await eventually(() => expect(tap.openReads).toBe(0))
      expect(probe.values).toEqual([])
    })

    it('waits again for another key', async () => {
      const { url: serverUrl } = await startServer()
      await store(serverUrl, 'two', 7)
      const tap = tapFetch()
      const page = openPage({ serverUrl, fetch: tap.fetch })
      const probe = page.state({ initial: 0, key: 'one', suspends })
      await eventually(() => expect(probe.screen).toBe('shown'))
      const held = holdReads(tap, 'two')
      probe.changeKey('two')
      expect(probe.screen).toBe('waiting')
      held.open()
      await eventually(() => expect(probe.screen).toBe('shown'))
      expect(probe.values).toEqual([0, 7])
    })

    it('keeps the old screen while another key loads in a transition', async () => {
      const { url: serverUrl } = await startServer()
      await store(serverUrl, 'two', 7)
      const tap = tapFetch()
      const page = openPage({ serverUrl, fetch: tap.fetch })
      const probe = page.state({ initial: 0, key: 'one', suspends })
      await eventually(() => expect(probe.screen).toBe('shown'))
      const held = holdReads(tap, 'two')
      probe.changeKey('two', 'transition')
      await held.arrived
      expect(probe.screen).toBe('shown')
      // It is alive, too.
      probe.write(1)
      expect(probe.value).toBe(1)
      held.open()
      await eventually(() => expect(probe.value).toBe(7))
      expect(probe.values).toEqual([0, 1, 7])
    })

    it('tells the error boundary what ended its loading, and is loaded by another try', async () => {
      const { url: serverUrl } = await startServer()
      await store(serverUrl, 'count', 5)
      const tap = tapFetch()
      tap.answer = () => new Response('members only', { status: 403 })
      const page = openPage({ serverUrl, fetch: tap.fetch })
      const probe = page.state({ initial: 0, key: 'count', suspends })
      await eventually(() => expect(probe.screen).toBe('failed'))
      expect(probe.caught).toMatchObject({
        code: 'forbidden',
        message: expect.stringContaining('members only'),
      })

      tap.answer = undefined
      await eventually(() => {
        if (probe.screen === 'failed') probe.tryAgain()
        expect(probe.screen).toBe('shown')
      })
      forgetConsole()
      expect(probe.values).toEqual([5])
    })
  })
}
