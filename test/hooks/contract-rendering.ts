import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import type { HookFramework } from './framework.ts'
import { tapFetch } from './tapped-fetch.ts'

interface Room {
  title: string
  messages: readonly string[]
}

const emptyRoom: Room = { title: 'Room', messages: [] }
const addMessage = (room: Room, message: string): Room => ({
  ...room,
  messages: [...room.messages, message],
})

/** When components render, and what they keep open. */
export function renderingContract({ openPage }: HookFramework): void {
  describe('a component that shows a shared state', () => {
    it('renders for the value alone, when that is all it reads', async () => {
      const { url: serverUrl } = await startServer()
      const page = openPage({ serverUrl })
      const plain = page.state({ initial: 0, key: 'count' })
      const curious = page.state({ initial: 0, key: 'count', reads: ['status', 'pending'] })
      await eventually(() => expect(curious.meta.status.kind).toBe('live'))
      expect(plain.renders).toBe(1)
      expect(curious.renders).toBeGreaterThan(1)

      plain.write(1)
      await eventually(() => expect(curious.meta.pending).toBe(0))
      expect(plain.renders).toBe(2)
      expect(plain.values).toEqual([0, 1])
    })

    it('renders for no change of meta that it has not read', async () => {
      const { url: serverUrl } = await startServer()
      const page = openPage({ serverUrl })
      const one = page.state({ initial: 0, key: 'count', reads: ['failures', 'error'] })
      const curious = page.state({ initial: 0, key: 'count', reads: ['pending', 'status'] })
      await eventually(() => expect(curious.meta.status.kind).toBe('live'))
      one.write(1)
      await eventually(() => expect(curious.meta.pending).toBe(0))
      expect(one.renders).toBe(2)
    })

    it('renders for nothing when the value is set to what it is', async () => {
      const { url: serverUrl } = await startServer()
      const one = openPage({ serverUrl }).state({ initial: 3, key: 'count', reads: ['status'] })
      await eventually(() => expect(one.meta.status.kind).toBe('live'))
      const { renders } = one
      one.write((count) => count)
      expect(one.renders).toBe(renders)
    })

    it('renders for what it selects', async () => {
      const { url: serverUrl } = await startServer()
      const page = openPage({ serverUrl })
      const use = { reducer: addMessage, initial: emptyRoom, key: 'room' }
      const title = page.reducer({ ...use, options: { select: (room: Room) => room.title } })
      const count = page.reducer({
        ...use,
        options: { select: (room: Room) => room.messages.length },
      })
      expect([title.value, count.value]).toEqual(['Room', 0])
      title.write('hello')
      title.write('world')
      expect(count.value).toBe(2)
      expect(count.renders).toBe(3)
      expect(title.renders).toBe(1)
    })

    it('renders for what it selects, and not when that is made anew of the same parts', async () => {
      const { url: serverUrl } = await startServer()
      const loud = ({ messages }: Room): readonly string[] =>
        messages.filter((message) => message.endsWith('!'))
      const one = openPage({ serverUrl }).reducer({
        reducer: addMessage,
        initial: emptyRoom,
        key: 'room',
        options: { select: loud },
      })
      for (const message of ['Hi!', 'hello', 'world']) one.write(message)
      expect(one.value).toEqual(['Hi!'])
      expect(one.renders).toBe(2)
    })

    it('selects of a single value as well', async () => {
      const { url: serverUrl } = await startServer()
      const one = openPage({ serverUrl }).state({
        initial: emptyRoom,
        key: 'room',
        options: { select: ({ title }: Room) => title.length },
      })
      expect(one.value).toBe(4)
      one.write((room) => addMessage(room, 'hello'))
      expect(one.renders).toBe(1)
      one.write({ title: 'Kitchen', messages: [] })
      expect(one.value).toBe(7)
    })

    it('shares one connection with a hundred others, which closes with the last', async () => {
      const { url: serverUrl } = await startServer()
      const tap = tapFetch()
      const page = openPage({ serverUrl, fetch: tap.fetch, isStrict: true })
      const many = Array.from({ length: 100 }, () =>
        page.state({ initial: 0, key: 'count', reads: ['status'] }),
      )
      await eventually(() => {
        for (const one of many) expect(one.meta.status.kind).toBe('live')
      })
      await eventually(() => expect(tap.openReads).toBe(1))
      expect(tap.asked.filter(({ isLive }) => isLive)).toHaveLength(1)

      for (const one of many.slice(1)) one.unmount()
      many[0]!.write(1)
      await eventually(() => expect(many[0]!.value).toBe(1))
      expect(tap.openReads).toBe(1)
      many[0]!.unmount()
      await eventually(() => expect(tap.openReads).toBe(0))
    })

    it('can go while its state is still being read', async () => {
      const { url: serverUrl } = await startServer()
      const tap = tapFetch()
      let arrive = (): void => {}
      const arrived = new Promise<void>((resolve) => (arrive = resolve))
      tap.answer = async ({ method }) => {
        if (method !== 'GET') return undefined
        arrive()
        return new Promise<never>(() => {})
      }
      const told: unknown[] = []
      const page = openPage({ serverUrl, fetch: tap.fetch, onError: (error) => told.push(error) })
      const one = page.state({ initial: 0, key: 'count' })
      await arrived
      one.unmount()
      tap.answer = undefined
      const other = page.state({ initial: 0, key: 'other', reads: ['status'] })
      await eventually(() => expect(other.meta.status.kind).toBe('live'))
      expect(told).toEqual([])
      expect(one.values).toEqual([0])
    })
  })
}
