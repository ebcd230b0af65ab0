import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import type { HookFramework } from './framework.ts'
import { forgetConsole } from './silent-console.ts'
import { holdReads, tapFetch } from './tapped-fetch.ts'

/** Stores a value under each key. */
async function store(
  { openPage }: HookFramework,
  serverUrl: string,
  values: Readonly<Record<string, number>>,
): Promise<void> {
  const page = openPage({ serverUrl })
  for (const [key, value] of Object.entries(values)) {
    const one = page.state({ initial: 0, key, reads: ['pending'] })
    one.write(value)
    await eventually(() => expect(one.meta.pending).toBe(0))
  }
  page.close()
}

/** What happens when a key changes. */
export function keyContract(framework: HookFramework): void {
  const { openPage } = framework

  describe('a key that changes', () => {
    it('shows the state of the new key, and never the old one under it', async () => {
      const { url: serverUrl } = await startServer()
      await store(framework, serverUrl, { one: 100, two: 7 })
      const probe = openPage({ serverUrl }).state({ initial: 0, key: 'one', reads: ['isLoaded'] })
      await eventually(() => expect(probe.value).toBe(100))
      probe.changeKey('two')
      expect(probe.value).toBe(0)
      expect(probe.meta.isLoaded).toBe(false)
      await eventually(() => expect(probe.value).toBe(7))
      probe.changeKey('one')
      expect(probe.value).toBe(100)
      expect(probe.values).toEqual([0, 100, 0, 7, 100])
    })

    it('writes to the new key', async () => {
      const { url: serverUrl } = await startServer()
      const page = openPage({ serverUrl })
      const probe = page.state({ initial: 0, key: 'one' })
      const [one, two] = ['one', 'two'].map((key) => page.state({ initial: 0, key }))
      probe.changeKey('two')
      probe.write((count) => count + 1)
      expect([one!.value, two!.value, probe.value]).toEqual([0, 1, 1])
    })

    it('reads the new key and lets go of the old', async () => {
      const { url: serverUrl } = await startServer()
      const tap = tapFetch()
      const probe = openPage({ serverUrl, fetch: tap.fetch }).state({
        initial: 0,
        key: 'one',
        reads: ['status'],
      })
      await eventually(() => expect(tap.readsOf).toEqual(['one']))
      probe.changeKey('two')
      await eventually(() => expect(probe.meta.status.kind).toBe('live'))
      await eventually(() => expect(tap.readsOf).toEqual(['two']))
    })

    it('may change while the old one is being loaded, which then shows nothing', async () => {
      const { url: serverUrl } = await startServer()
      await store(framework, serverUrl, { one: 100, two: 7 })
      const tap = tapFetch()
      const held = holdReads(tap, 'one')
      const page = openPage({ serverUrl, fetch: tap.fetch })
      const probe = page.state({ initial: 0, key: 'one' })
      const other = page.state({ initial: 0, key: 'one' })
      await held.arrived
      probe.changeKey('two')
      await eventually(() => expect(probe.value).toBe(7))
      held.open()
      await eventually(() => expect(other.value).toBe(100))
      expect(probe.values).toEqual([0, 7])
    })

    it('works for a reducer', async () => {
      const { url: serverUrl } = await startServer()
      const reducer = (list: readonly string[], item: string): readonly string[] => [...list, item]
      const initial: readonly string[] = []
      const probe = openPage({ serverUrl }).reducer({ reducer, initial, key: 'one' })
      probe.write('a')
      probe.changeKey('two')
      expect(probe.value).toEqual([])
      probe.write('b')
      expect(probe.value).toEqual(['b'])
      probe.changeKey('one')
      expect(probe.value).toEqual(['a'])
    })
  })

  describe('a key that cannot be used', () => {
    it.each([
      ['is no path', '/count', /"\/count" is no path.*rooms\/counter/],
      ['is reserved', '__ds/count', /"__ds\/count"/],
    ])('reaches the error boundary when it %s', async (_, key, message) => {
      const { url: serverUrl } = await startServer()
      const probe = openPage({ serverUrl }).state({ initial: 0, key })
      expect(probe.screen).toBe('failed')
      forgetConsole()
      expect(probe.caught).toMatchObject({
        code: 'invalid',
        message: expect.stringMatching(message),
      })
    })

    it('reaches the error boundary when two components give it another initial value', async () => {
      const { url: serverUrl } = await startServer()
      const page = openPage({ serverUrl })
      page.state({ initial: 0, key: 'count' })
      const probe = page.state({ initial: 1, key: 'count' })
      expect(probe.screen).toBe('failed')
      forgetConsole()
      expect(probe.caught).toMatchObject({
        code: 'conflict',
        message: expect.stringMatching(/"count".*initial value 0.*initial value 1.*same initial/),
      })
    })

    it('reaches the error boundary when it is a value here and a reducer there', async () => {
      const { url: serverUrl } = await startServer()
      const page = openPage({ serverUrl })
      page.state({ initial: 0, key: 'count' })
      const reducer = (count: number, more: number): number => count + more
      const probe = page.reducer({ reducer, initial: 0, key: 'count' })
      forgetConsole()
      expect(probe.caught).toMatchObject({
        code: 'conflict',
        message: expect.stringMatching(/"count".*useServerState.*useServerReducer/),
      })
    })
  })
}
