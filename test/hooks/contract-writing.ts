import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { memoryPersistence, type Persistence } from '../../src/state/store/index.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import type { HookFramework, HookPage, Probe, SetState } from './framework.ts'
import { tapFetch } from './tapped-fetch.ts'
import { appends } from '../support/live-reads.ts'

type Counter = Probe<number, SetState<number>, number>

const counter = (page: HookPage): Counter =>
  page.state({ initial: 0, key: 'count', reads: ['status', 'failures', 'error', 'pending'] })

const isLive = (probe: Counter): Promise<void> =>
  eventually(() => expect(probe.meta.status.kind).toBe('live'))

interface Todo {
  id: number
  text: string
}
type TodoAction = { type: 'add'; text: string } | { type: 'remove'; id: number }

function reduceTodos(todos: readonly Todo[], action: TodoAction): readonly Todo[] {
  if (action.type === 'remove') return todos.filter(({ id }) => id !== action.id)
  return [...todos, { id: todos.length, text: action.text }]
}

async function contentOf(persistence: Persistence): Promise<string> {
  const names = await persistence.list('')
  const journals = names.map(async (name) => (await persistence.open(name)).read())
  return (await Promise.all(journals)).flat().join()
}

/** What hooks promise to those who write. */
export function writingContract({ openPage }: HookFramework): void {
  describe('a state that is shared', () => {
    it('shows what is set at once, and on every other page', async () => {
      const { url: serverUrl } = await startServer()
      const one = counter(openPage({ serverUrl }))
      const other = counter(openPage({ serverUrl }))
      await isLive(one)

      one.write((count) => count + 1)
      expect(one.value).toBe(1)
      expect(one.meta.pending).toBe(1)
      await eventually(() => {
        expect(other.value).toBe(1)
        expect(one.meta.pending).toBe(0)
      })
    })

    it('loses no update of pages that write at once', async () => {
      const { url: serverUrl } = await startServer()
      const counters = [counter(openPage({ serverUrl })), counter(openPage({ serverUrl }))]
      for (let n = 0; n < 25; n++) for (const one of counters) one.write((count) => count + 1)
      for (const one of counters) await eventually(() => expect(one.value).toBe(50))
    })

    it('is one value for all components of a page', async () => {
      const { url: serverUrl } = await startServer()
      const page = openPage({ serverUrl })
      const [one, other] = [counter(page), counter(page)]
      one.write(7)
      expect(other.value).toBe(7)
    })

    it('reduces the actions of all pages to one state', async () => {
      const { url: serverUrl } = await startServer()
      const initial: readonly Todo[] = []
      const todos = [openPage({ serverUrl }), openPage({ serverUrl })].map((page) =>
        page.reducer({ reducer: reduceTodos, initial, key: 'todos' }),
      )
      for (const one of todos) {
        one.write({ type: 'add', text: 'milk' })
        one.write({ type: 'add', text: 'bread' })
      }
      for (const one of todos) await eventually(() => expect(one.value).toHaveLength(4))
      expect(todos[0]!.value).toEqual(todos[1]!.value)

      todos[0]!.write({ type: 'remove', id: 0 })
      for (const one of todos) await eventually(() => expect(one.value).toHaveLength(3))
    })

    it('is there after a reload', async () => {
      const { url: serverUrl } = await startServer()
      const page = openPage({ serverUrl })
      const first = counter(page)
      first.write(100)
      await isLive(first)
      await eventually(() => expect(first.meta.pending).toBe(0))
      page.close()
      const second = counter(openPage({ serverUrl }))
      await eventually(() => expect(second.value).toBe(100))
    })

    it('goes back to the initial value for everyone when it is reset', async () => {
      const { url: serverUrl } = await startServer()
      const one = counter(openPage({ serverUrl }))
      const other = counter(openPage({ serverUrl }))
      one.write(5)
      await eventually(() => expect(other.value).toBe(5))

      one.meta.reset()
      await eventually(() => expect(one.value).toBe(0))
      await eventually(() => expect(other.value).toBe(0))
      other.write((count) => count + 1)
      await eventually(() => expect(one.value).toBe(1))
    })

    it('keeps what it showed for the next visit, when there is no server either', async () => {
      const { url: serverUrl } = await startServer()
      const persistence = memoryPersistence()
      const page = openPage({ serverUrl, persistence })
      const first = counter(page)
      first.write(5)
      await isLive(first)
      await eventually(() => expect(first.meta.pending).toBe(0))
      page.close()
      await eventually(async () => expect(await contentOf(persistence)).toContain('"state":5'))

      const fetch = (): Promise<never> => Promise.reject(new TypeError('no network'))
      const next = openPage({ serverUrl, persistence, fetch })
      const second = next.state({ initial: 0, key: 'count', reads: ['isLoaded'] })
      await eventually(() => expect(second.value).toBe(5))
      expect(second.meta.isLoaded).toBe(true)
    })
  })

  describe('a write that is refused', () => {
    it('falls back visibly, and is made again, or dismissed', async () => {
      const { url: serverUrl } = await startServer()
      const tap = tapFetch()
      const page = openPage({ serverUrl, fetch: tap.fetch })
      const one = counter(page)
      const all = page.failures()
      await isLive(one)
      tap.answer = ({ method }) =>
        method === 'POST' ? new Response('read only', { status: 403 }) : undefined

      one.write(100)
      expect(one.value).toBe(100)
      await eventually(() => expect(one.meta.failures).toHaveLength(1))
      expect(one.value).toBe(0)
      expect(one.meta.error?.message).toContain('read only')
      expect(all.value).toMatchObject([{ key: 'count', action: 100, error: { code: 'forbidden' } }])

      all.value[0]!.retry()
      await eventually(() => expect(one.values.filter((count) => count === 100)).toHaveLength(2))
      await eventually(() => expect(one.meta.failures).toHaveLength(1))
      all.value[0]!.dismiss()
      await eventually(() => {
        expect(one.meta.failures).toEqual([])
        expect(one.meta.error).toBeUndefined()
        expect(all.value).toEqual([])
      })

      one.write(7)
      await eventually(() => expect(all.value).toHaveLength(1))
      tap.answer = undefined
      all.value[0]!.retry()
      await eventually(() => expect(all.value).toEqual([]))
      await eventually(() => expect([one.value, one.meta.pending]).toEqual([7, 0]))
    })

    it('is listed with its key, from all states of the page, also when its component has gone', async () => {
      const { url: serverUrl } = await startServer()
      const fetch: typeof globalThis.fetch = async (input, init) =>
        appends(input, init) ? new Response(null, { status: 403 }) : globalThis.fetch(input, init)
      const page = openPage({ serverUrl, fetch })
      const all = page.failures()
      expect(all.value).toEqual([])
      const [one, other] = ['one', 'two'].map((key) => page.state({ initial: '', key }))
      one!.write('a')
      one!.unmount()
      await eventually(() => expect(all.value.map(({ key }) => key)).toEqual(['one']))
      other!.write('b')
      await eventually(() => expect(all.value.map(({ action }) => action)).toEqual(['a', 'b']))
    })
  })

  describe('a schema', () => {
    it('refuses what is set', async () => {
      const { url: serverUrl } = await startServer()
      const options = { schema: z.number().max(10) }
      const one = openPage({ serverUrl }).state({ initial: 0, key: 'count', options })
      expect(() => one.write(11)).toThrow(/11 breaks the schema/)
      expect(() => one.write((count) => count + 11)).toThrow(/breaks the schema/)
      expect(one.value).toBe(0)
      one.write(10)
      expect(one.value).toBe(10)
    })

    it('skips what others have set, and says so', async () => {
      const { url: serverUrl } = await startServer()
      const told: string[] = []
      const options = { schema: z.number().max(10) }
      const guarded = openPage({
        serverUrl,
        onError: ({ message }, key) => void told.push(`${key}: ${message}`),
      }).state({ initial: 0, key: 'count', options })
      const loose = counter(openPage({ serverUrl }))
      loose.write(5)
      await eventually(() => expect(guarded.value).toBe(5))
      loose.write(11)
      loose.write(6)
      await eventually(() => expect(guarded.value).toBe(6))
      expect(guarded.values).not.toContain(11)
      expect(told).toEqual([expect.stringMatching(/^count: .*11 breaks the schema/)])
    })

    it('is of the actions of a reducer', async () => {
      const { url: serverUrl } = await startServer()
      const schema = z.object({ type: z.literal('add'), text: z.string().min(1) })
      const one = openPage({ serverUrl }).reducer({
        reducer: reduceTodos,
        initial: [] as readonly Todo[],
        key: 'todos',
        options: { schema },
      })
      expect(() => one.write({ type: 'add', text: '' })).toThrow(/breaks the schema/)
      one.write({ type: 'add', text: 'milk' })
      expect(one.value).toHaveLength(1)
    })
  })
}
