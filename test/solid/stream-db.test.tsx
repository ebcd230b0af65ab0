/** @jsxImportSource solid-js */
import { useLiveQuery } from '@tanstack/solid-db'
import { createSignal, For, type JSX, Show, Suspense } from 'solid-js'
import { render } from 'solid-js/web'
import { beforeEach, expect, it, onTestFinished } from 'vitest'
import { DurableStream } from 'streamwell'
import { HydrationBoundary, PartyProvider } from 'streamwell/solid'
import { useStreamDB } from 'streamwell/solid/db'
import { loadStreamDB } from 'streamwell/state'
import { type TappedFetch, tapFetch } from '../hooks/tapped-fetch.ts'
import { schema } from '../state/chat.ts'
import { eventually } from '../support/eventually.ts'
import { startServer } from '../support/server.ts'

let serverUrl: string
let tap: TappedFetch

beforeEach(async () => {
  serverUrl = (await startServer()).url
  tap = tapFetch()
})

const user = (id: string, name: string) => schema.users.upsert({ value: { id, name } })
const open = (key: string): Promise<DurableStream> =>
  DurableStream.create({ url: `${serverUrl}/${key}`, contentType: 'application/json' })
const readsFromStart = (): number => tap.asked.filter(({ offset }) => offset === '-1').length

function Names(props: { room: string }): JSX.Element {
  const room = useStreamDB(() => ({ key: props.room, state: schema }))
  const users = useLiveQuery((q) =>
    q.from({ user: room.db.collections.users }).orderBy(({ user: { name } }) => name),
  )
  return (
    <ul data-status={room.status.kind} data-error={room.error?.code}>
      <Show when={room.isReady} fallback={<li>Loading…</li>}>
        <For each={users()}>{({ name }) => <li>{name}</li>}</For>
      </Show>
    </ul>
  )
}

interface Place {
  names: () => (string | null)[]
  list: () => HTMLElement
  leave: () => void
}

function show(children: () => JSX.Element): Place {
  const place = document.body.appendChild(document.createElement('div'))
  const leave = render(
    () => (
      <PartyProvider serverUrl={serverUrl} fetch={tap.fetch}>
        <Suspense fallback={<p>Waiting…</p>}>{children()}</Suspense>
      </PartyProvider>
    ),
    place,
  )
  onTestFinished(() => {
    leave()
    place.remove()
  })
  return {
    names: () => [...place.querySelectorAll('li')].map(({ textContent }) => textContent),
    list: () => place.querySelector('ul')!,
    leave,
  }
}

it('useStreamDB opens one connection for all that name its stream, and closes it when they have gone', async () => {
  const stream = await open('a')
  await stream.append(user('1', 'Ada'))
  const { names, list, leave } = show(() => (
    <>
      <Names room="a" />
      <Names room="a" />
    </>
  ))
  await eventually(() => expect(names()).toEqual(['Ada', 'Ada']))
  await eventually(() => expect(list().dataset['status']).toBe('live'))
  await stream.append(user('2', 'Bob'))
  await eventually(() => expect(names()).toEqual(['Ada', 'Bob', 'Ada', 'Bob']))
  expect(readsFromStart()).toBe(1)
  await eventually(() => expect(tap.openReads).toBe(1))
  leave()
  await eventually(() => expect(tap.openReads).toBe(0))
})

it('useStreamDB goes from stream to stream and back, and shows rows of the right one alone', async () => {
  await (await open('a')).append(user('1', 'Ada'))
  await (await open('b')).append(user('1', 'Bob'))
  const [room, setRoom] = createSignal('a')
  const { names } = show(() => <Names room={room()} />)
  await eventually(() => expect(names()).toEqual(['Ada']))
  for (const [next, name] of [
    ['b', 'Bob'],
    ['a', 'Ada'],
    ['b', 'Bob'],
  ] as const) {
    const before = names()
    setRoom(next)
    expect(names()).not.toEqual(before)
    await eventually(() => expect(names()).toEqual([name]))
    await eventually(() => expect(tap.readsOf).toEqual([next]))
  }
})

it('useStreamDB tells what makes reading impossible', async () => {
  tap.answer = () => new Response(null, { status: 403 })
  const { list } = show(() => <Names room="a" />)
  await eventually(() => expect(list().dataset['error']).toBe('forbidden'))
  expect(list().dataset['status']).toBe('error')
})

it('useStreamDB starts from the rows of the page, and reads on from their offset', async () => {
  const stream = await open('a')
  await stream.append(user('1', 'Ada'))
  const data = await loadStreamDB({ streamOptions: { url: stream.url }, state: schema })
  await stream.append(user('2', 'Bob'))
  let first: unknown
  const { names } = show(() => (
    <HydrationBoundary data={data}>
      {(() => {
        const { db, isReady } = useStreamDB({ key: 'a', state: schema })
        first = [isReady, db.collections.users.toArray.map(({ name }) => name)]
        return <Names room="a" />
      })()}
    </HydrationBoundary>
  ))
  expect(first).toEqual([true, ['Ada']])
  await eventually(() => expect(names()).toEqual(['Ada', 'Bob']))
  expect(readsFromStart()).toBe(0)
  expect(tap.asked[0]?.offset).toBe(data.offset)
})
