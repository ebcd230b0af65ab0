/** @jsxImportSource solid-js */
import { createEffect, createSignal } from 'solid-js'
import { describe, expect, it } from 'vitest'
import { type ServerStateMeta, type SetServerState, useServerState } from '../../src/solid/index.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'
import { openPage } from './open-page.tsx'

interface Counter {
  set: SetServerState<number>
  meta: ServerStateMeta<number>
}

describe('effects', () => {
  it('run for what they read, and for nothing else', async () => {
    const { url: serverUrl } = await startServer()
    const runs: Record<string, unknown[]> = { value: [], pending: [], failures: [] }
    let counter!: Counter
    openPage(
      () => {
        const [count, set, meta] = useServerState(0, 'count')
        counter = { set, meta }
        createEffect(() => runs['value']!.push(count()))
        createEffect(() => runs['pending']!.push(meta.pending))
        createEffect(() => runs['failures']!.push(meta.failures))
        return null
      },
      { serverUrl },
    )
    await eventually(() => expect(counter.meta.status.kind).toBe('live'))
    counter.set(1)
    await eventually(() => expect(counter.meta.pending).toBe(0))
    expect(runs).toEqual({ value: [0, 1], pending: [0, 1, 0], failures: [[]] })
  })

  it('see all of meta, when it is spread', async () => {
    const { url: serverUrl } = await startServer()
    const seen: number[] = []
    let counter!: Counter
    openPage(
      () => {
        const [, set, meta] = useServerState(0, 'count')
        counter = { set, meta }
        createEffect(() => seen.push({ ...meta }.pending))
        return null
      },
      { serverUrl },
    )
    counter.set(1)
    expect(seen.at(-1)).toBe(1)
  })

  it('never see two hooks of one key disagree', async () => {
    const { url: serverUrl } = await startServer()
    const pairs: string[] = []
    let set!: SetServerState<number>
    openPage(
      () => {
        const [one, setOne] = useServerState(0, 'count')
        const [other] = useServerState(0, 'count')
        const [double] = useServerState(0, 'count', { select: (count) => count * 2 })
        set = setOne
        createEffect(() => pairs.push(`${one()} ${other()} ${double()}`))
        return null
      },
      { serverUrl },
    )
    set(1)
    set(2)
    expect(pairs).toEqual(['0 0 0', '1 1 2', '2 2 4'])
  })

  it('never see the value of one key under another', async () => {
    const { url: serverUrl } = await startServer()
    const [key, setKey] = createSignal('one')
    const pairs: string[] = []
    let set!: SetServerState<string>
    openPage(
      () => {
        const [value, setValue, meta] = useServerState('-', key)
        set = setValue
        createEffect(() => pairs.push(`${key()}: ${value()}, ${meta.pending}`))
        return null
      },
      { serverUrl },
    )
    set('first')
    setKey('two')
    set('second')
    setKey('one')
    expect(pairs.filter((pair) => !pair.endsWith('0'))).toEqual([
      'one: first, 1',
      'two: second, 1',
      'one: first, 1',
    ])
    expect(pairs).toContain('two: -, 0')
  })
})

describe('what is selected', () => {
  it('follows the signals that the selection reads', async () => {
    const { url: serverUrl } = await startServer()
    const [from, setFrom] = createSignal(0)
    const seen: number[] = []
    openPage(
      () => {
        const options = { select: (list: number[]) => list.slice(from()) }
        const [rest] = useServerState([1, 2, 3], 'list', options)
        createEffect(() => seen.push(rest().length))
        return null
      },
      { serverUrl },
    )
    setFrom(1)
    expect(seen).toEqual([3, 2])
  })

  it('does not change when it is made anew, and equal', async () => {
    const { url: serverUrl } = await startServer()
    const seen: number[][] = []
    let set!: SetServerState<number[]>
    openPage(
      () => {
        const options = { select: (list: number[]) => list.filter((item) => item > 1) }
        const [big, setList] = useServerState([1, 2, 3], 'list', options)
        set = setList
        createEffect(() => seen.push(big()))
        return null
      },
      { serverUrl },
    )
    set((list) => [0, ...list])
    set((list) => [...list, 4])
    expect(seen).toEqual([
      [2, 3],
      [2, 3, 4],
    ])
  })
})
