import * as tanstack from '@tanstack/react-db'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import * as jotai from 'jotai'
import type { ComponentType, ReactElement } from 'react'
import { afterEach, expect, it } from 'vitest'
import { allow, deny } from '../../dev-server/index.ts'
import { DurableStream } from '../../src/core/index.ts'
import * as atom from '../../src/react/atom.ts'
import * as db from '../../src/react/db.ts'
import * as hooks from '../../src/react/index.ts'
import { eventually } from '../support/eventually.ts'
import { codeBlocksOf, readPage } from '../support/markdown.ts'
import { runBlock, type RunOptions } from '../support/run-block.ts'
import { startServer } from '../support/server.ts'

const { PartyProvider } = hooks
const contentType = 'application/json'
/** As the examples import them: each of them once. */
const modules = {
  '@tanstack/react-db': tanstack,
  jotai,
  'streamwell/react': hooks,
  'streamwell/react/atom': atom,
  'streamwell/react/db': db,
}

afterEach(cleanup)

/** What the example of that page exports that holds this text. */
function example<Exports>(page: string, text: string, options: RunOptions = {}): Exports {
  const file = `docs/${page}.md`
  const block = codeBlocksOf(file, readPage(file)).find(({ code }) => code.includes(text))
  if (!block) throw new Error(`${file} has no example with ${text}`)
  return runBlock<Exports>(block, { modules, ...options })
}

function show(serverUrl: string, element: ReactElement): void {
  render(<PartyProvider serverUrl={serverUrl}>{element}</PartyProvider>)
}

const press = (name: string): boolean => fireEvent.click(screen.getByRole('button', { name }))

type Components<Names extends string> = Record<Names, ComponentType>

it('the first example counts, and lists what is added', async () => {
  const { url } = await startServer()
  const { Counter, Todos } = example<Components<'Counter' | 'Todos'>>('react', 'Todos()')
  show(url, <Counter />)
  press('0')
  press('1')
  show(url, <Todos />)
  press('Milk, please')
  screen.getByRole('button', { name: '2' })
  expect(screen.getAllByRole('listitem').map((item) => item.textContent)).toEqual(['Milk'])
  const stored = async (): Promise<unknown> => (await fetch(`${url}/rooms/todos?offset=-1`)).json()
  await eventually(async () => expect(await stored()).toHaveLength(1))
})

it('the example with options shows the votes for one alone', async () => {
  const { url } = await startServer()
  const { VotesFor } = example<{ VotesFor: ComponentType<{ name: string }> }>('react', 'VotesFor(')
  show(url, <VotesFor name="Ann" />)
  show(url, <VotesFor name="Ben" />)
  fireEvent.click(screen.getAllByRole('button')[0]!)
  expect(screen.getAllByRole('button').map((button) => button.textContent)).toEqual(['1', '0'])
})

it('the example that suspends shows what has loaded, and the next room when that has', async () => {
  const { url } = await startServer()
  const { Room } = example<Components<'Room'>>('react', 'useTransition()')
  show(url, <Room />)
  screen.getByText('Opening …')
  await eventually(() => screen.getByText(/No topic yet \(0\)/))
  press('Coffee')
  await eventually(() => screen.getByRole('button', { name: 'Coffee' }))
  screen.getByText(/No topic yet \(0\)/)
})

it('the notices tell of a refused write, which can be made again', async () => {
  let isRefused = true
  const { url } = await startServer({
    authorize: ({ request }) => (request.method === 'POST' && isRefused ? deny(403) : allow),
  })
  const { Notices } = example<Components<'Notices'>>('react', 'export function Notices()')
  const { Counter } = example<Components<'Counter'>>('react', 'export function Counter()')
  show(
    url,
    <>
      <Notices />
      <Counter />
    </>,
  )
  press('0')
  await eventually(() => screen.getByText(/A change of rooms\/counter was refused/))
  screen.getByRole('button', { name: '0' })
  isRefused = false
  press('Try again')
  await eventually(() => screen.getByRole('button', { name: '1' }))
  expect(screen.queryByText(/was refused/)).toBeNull()
})

it('the atoms of the example add up', async () => {
  const { url } = await startServer()
  const replace = { 'https://example.com/v1/stream': url }
  const { App } = example<Components<'App'>>('react', 'ServerAtoms, serverAtom', { replace })
  render(<App />)
  press('Increment')
  press('Increment')
  await eventually(() => screen.getByText('Twice the count: 4'))
})

it('the answer of a model shows as it grows', async () => {
  const { url } = await startServer()
  const { Answer } = example<{ Answer: ComponentType<{ id: string }> }>('text', 'react')
  const answer = await DurableStream.create({ url: `${url}/answers/1`, contentType })
  await answer.append({ text: 'Once upon' })
  show(url, <Answer id="1" />)
  await eventually(() => screen.getByText('Once upon'))
  await answer.close({ text: ' a time' })
  await eventually(() => screen.getByText('Once upon a time'))
  expect(screen.queryByRole('button')).toBeNull()
})

it('the rows of the database show when they have come', async () => {
  const { url } = await startServer()
  const { Chat } = example<Components<'Chat'>>('react', 'useStreamDB(options)')
  const chat = await DurableStream.create({ url: `${url}/rooms/chat`, contentType })
  const value = { id: '1', text: 'Hello' }
  await chat.append({ type: 'message', key: '1', value, headers: { operation: 'insert' } })
  show(url, <Chat />)
  await eventually(() => screen.getByText('Hello'))
})
