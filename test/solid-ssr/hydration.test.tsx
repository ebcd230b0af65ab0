/** @jsxImportSource solid-js */
import { render } from 'solid-js/web'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { LoadedStream } from '../../src/state/hydration.ts'
import { tapFetch } from '../hooks/tapped-fetch.ts'
import { eventually } from '../support/eventually.ts'
import { solidRenderer } from '../support/render-solid.ts'
import { post } from '../support/server.ts'
import * as pages from './pages.tsx'
import { startStreams } from './streams.ts'
import { append, receive, takeOver } from './take-over.tsx'

const server = solidRenderer<typeof pages>('/test/solid-ssr/pages.tsx')

/** What Solid says of a page that it cannot take over. */
let complaints: unknown[][]

beforeEach(() => {
  complaints = []
  for (const say of ['warn', 'error'] as const) {
    vi.spyOn(console, say).mockImplementation((...words) => void complaints.push(words))
  }
})

afterEach(() => {
  vi.restoreAllMocks()
  if (complaints.length > 0) throw new Error(`Solid said ${complaints.join(' ')}`)
})

describe('a page that brings its state along', () => {
  it('is taken over as it is, reads on from there, and follows', async () => {
    const { serverUrl, load, setCount } = await startStreams()
    const data = await load()
    const place = receive(server, server.render('CounterPage', { serverUrl, data }))
    expect(place.texts).toEqual(['Count: 5, few'])
    const button = place.element.querySelector('button')!

    const tap = tapFetch()
    takeOver(() => <pages.CounterPage {...{ serverUrl, data }} fetch={tap.fetch} />, place)
    expect(place.element.querySelector('button')).toBe(button)
    await eventually(() => expect(tap.openReads).toBe(1))
    const [{ offset }] = data as readonly [LoadedStream]
    expect(tap.asked.map((asked) => asked.offset)).toEqual([offset, offset])
    expect(button.title).toBe('loaded')

    await setCount(7)
    await eventually(() => expect(place.texts.at(-1)).toBe('Count: 7, many'))
    button.click()
    await eventually(() => expect(place.texts.at(-1)).toBe('Count: 8, many'))
    expect(place.texts).toEqual(['Count: 5, few', 'Count: 7, many', 'Count: 8, many'])
  })

  it('keeps the rows that the server has rendered', async () => {
    const { serverUrl, load } = await startStreams()
    const data = await load()
    const place = receive(server, server.render('TodosPage', { serverUrl, data }))
    const row = place.element.querySelector('li')!
    takeOver(() => <pages.TodosPage {...{ serverUrl, data }} />, place)

    const headers = { operation: 'insert', txid: 'tea' }
    const tea = { type: 'action', key: 'tea', value: { id: 'tea', text: 'Tea' }, headers }
    await post(`${serverUrl}/todos`, JSON.stringify(tea))
    await eventually(() => expect(place.texts.at(-1)).toBe('MilkTea'))
    expect(place.element.querySelector('li')).toBe(row)
  })

  it('shows what the server rendered, and at once what the page knows that is newer', async () => {
    const { serverUrl, load, setCount } = await startStreams()
    const data = await load()
    await setCount(9)
    // Of the same page, since it shares what it asks with.
    const fetch: typeof globalThis.fetch = (...request) => globalThis.fetch(...request)
    const first = document.body.appendChild(document.createElement('div'))
    const page = { serverUrl, fetch }
    onTestFinished(render(() => <pages.CounterPage {...page} />, first))
    await eventually(() => expect(first.textContent).toBe('Count: 9, many'))

    const place = receive(server, server.render('CounterPage', { serverUrl, data }))
    takeOver(() => <pages.CounterPage {...page} data={data} />, place)
    expect(place.element.textContent).toBe('Count: 5, few')
    await Promise.resolve()
    expect(place.element.textContent).toBe('Count: 9, many')
  })

  it('may wait for that in a resource', async () => {
    const { serverUrl, load } = await startStreams()
    const html = await server.renderAsync('LoadingPage', { serverUrl, load })
    const place = receive(server, html)
    expect(place.texts).toEqual(['Count: 5, few'])
    const button = place.element.querySelector('button')
    const tap = tapFetch()
    const never = (): Promise<never> => Promise.reject(new Error('asked twice'))
    takeOver(() => <pages.LoadingPage {...{ serverUrl }} load={never} fetch={tap.fetch} />, place)
    await eventually(() => expect(tap.openReads).toBe(1))
    for (const { offset } of tap.asked) expect(offset).toMatch(/[1-9]/)
    expect(place.element.querySelector('button')).toBe(button)
    expect(place.texts).toEqual(['Count: 5, few'])
  })

  it('starts from the initial value where it brings nothing', async () => {
    const { serverUrl } = await startStreams()
    const place = receive(server, server.render('CounterPage', { serverUrl }))
    takeOver(() => <pages.CounterPage serverUrl={serverUrl} />, place)
    await eventually(() => expect(place.texts).toEqual(['Count: 0, few', 'Count: 5, few']))
  })

  it('has no connections and no failures in the markup', async () => {
    const { serverUrl } = await startStreams()
    const place = receive(server, server.render('OverviewPage', { serverUrl }))
    expect(place.texts).toEqual(['idle, idle, idle, 0 failures'])
    takeOver(() => <pages.OverviewPage serverUrl={serverUrl} />, place)
    expect(place.element.textContent).toBe('idle, idle, idle, 0 failures')
    await eventually(() => expect(place.texts.at(-1)).toBe('online, live, live, 0 failures'))
  })
})

describe('a page that a server has waited for', () => {
  const shown = 'Count: 5, 1 to do'

  it('brings its states along, and reads on from there', async () => {
    const { serverUrl, setCount } = await startStreams()
    const place = receive(server, await server.renderAsync('WaitingPage', { serverUrl }))
    expect(place.texts).toEqual([shown])
    const button = place.element.querySelector('button')!

    const tap = tapFetch()
    takeOver(() => <pages.WaitingPage {...{ serverUrl }} fetch={tap.fetch} />, place)
    expect(place.element.querySelector('button')).toBe(button)
    await eventually(() => expect(tap.openReads).toBe(2))
    // The first may go live before the second has read what came since.
    expect(tap.asked.filter(({ isLive }) => !isLive)).toHaveLength(2)
    for (const { offset } of tap.asked) expect(offset).toMatch(/[1-9]/)

    await setCount(6)
    await eventually(() => expect(place.texts.at(-1)).toBe('Count: 6, 1 to do'))
    button.click()
    expect(button.textContent).toBe('Count: 7, 1 to do')
    expect(place.texts).toEqual([shown, 'Count: 6, 1 to do'])
  })

  it('comes in parts, and is not read before the part with its state has come', async () => {
    const { serverUrl, setCount } = await startStreams()
    const [shell, ...late] = await server.renderParts('LatePage', { serverUrl })
    const place = receive(server, shell!)
    expect(place.texts).toEqual(['loadingPlease wait'])
    const tap = tapFetch()
    takeOver(() => <pages.LatePage {...{ serverUrl }} fetch={tap.fetch} />, place)
    await setCount(6)
    expect(tap.asked).toEqual([])

    append(place, late.join(''))
    await eventually(() => expect(place.texts.at(-1)).toBe('loaded6'))
    expect(place.texts.filter((text) => text.includes('0'))).toEqual([])
    for (const { offset } of tap.asked) expect(offset).toMatch(/[1-9]/)
  })

  it('waits in the browser when the server did not', async () => {
    const { serverUrl } = await startStreams()
    const place = receive(server, server.render('WaitingPage', { serverUrl }))
    expect(place.texts).toEqual(['Please wait'])
    takeOver(() => <pages.WaitingPage {...{ serverUrl }} />, place)
    await eventually(() => expect(place.texts).toEqual(['Please wait', shown]))
  })

  it('does not wait for what a boundary brings', async () => {
    const { serverUrl, load } = await startStreams()
    const data = await load()
    const place = receive(server, server.render('WaitingPage', { serverUrl, data }))
    expect(place.texts).toEqual([shown])
    const tap = tapFetch()
    takeOver(() => <pages.WaitingPage {...{ serverUrl, data }} fetch={tap.fetch} />, place)
    await eventually(() => expect(tap.openReads).toBe(2))
    for (const { offset } of tap.asked) expect(offset).toMatch(/[1-9]/)
    expect(place.texts).toEqual([shown])
  })
})
