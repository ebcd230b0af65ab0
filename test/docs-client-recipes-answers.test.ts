import { expect, it } from 'vitest'
import { DurableStream } from '../src/core/index.ts'
import { eventually } from './support/eventually.ts'
import { runRecipe } from './support/recipe.ts'
import { startServer } from './support/server.ts'

interface Model {
  /** Lets it say more; resolves when it was asked for. */
  say: (text: string) => Promise<void>
  fail: (error: Error) => void
  end: () => void
  isStopped: () => boolean
  /** As its SDK has it. */
  ask: (prompt: string, signal: AbortSignal) => AsyncIterable<string>
}

function startModel(): Model {
  const { readable, writable } = new TransformStream<string, string>()
  const writer = writable.getWriter()
  let isStopped = false
  return {
    say: (text) => writer.write(text),
    fail: (error) => void writer.abort(error),
    end: () => void writer.close(),
    isStopped: () => isStopped,
    async *ask(_prompt, signal) {
      const reader = readable.getReader()
      signal.addEventListener('abort', () => {
        isStopped = true
        void reader.cancel()
      })
      for (let read; !(read = await reader.read()).done; ) yield read.value
    },
  }
}

interface Desk {
  startAnswer: (id: string, prompt: string) => Promise<void>
  stopAnswer: (id: string) => void
}

async function startDesk() {
  const { url } = await startServer()
  const model = startModel()
  let asked = 0
  const askModel: Model['ask'] = (prompt, signal) => {
    asked++
    return model.ask(prompt, signal)
  }
  const globals = { askModel, console: { error: () => undefined } }
  const desk = runRecipe<Desk>('askModel(prompt', url, { globals })
  return { url, model, ...desk, asked: () => asked }
}

interface Tab {
  sessionStorage: Pick<Storage, 'getItem' | 'setItem'>
  shown: string[]
}

function newTab(): Tab {
  const items = new Map<string, string>()
  return {
    sessionStorage: {
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => void items.set(key, value),
    },
    shown: [],
  }
}

/** A page in that tab: each is a new one, with nothing but what the tab keeps. */
function load(url: string, { sessionStorage, shown }: Tab, signal?: AbortSignal) {
  const { watchAnswer } = runRecipe<{
    watchAnswer: (
      id: string,
      show: (text: string) => void,
      signal?: AbortSignal,
    ) => Promise<string | undefined>
  }>('watchAnswer(', url, { globals: { sessionStorage } })
  return watchAnswer('a1', (text) => void shown.push(text), signal)
}

it('an answer goes on without its reader, who gets the rest after a reload, and nothing twice', async () => {
  const { url, model, startAnswer, asked } = await startDesk()
  await startAnswer('a1', 'Hello?')
  await startAnswer('a1', 'Hello?')
  const tab = newTab()
  const leave = new AbortController()
  const before = load(url, tab, leave.signal)
  for (const text of ['Once', ' upon', ' a time']) await model.say(text)
  await eventually(() => expect(tab.shown.at(-1)).toBe('Once upon a time'))
  leave.abort(new Error('reloaded'))
  await expect(before).rejects.toThrow('reloaded')
  await model.say(' there was')

  tab.shown.length = 0
  const after = load(url, tab)
  await eventually(() => expect(tab.shown.at(-1)).toBe('Once upon a time there was'))
  expect(tab.shown[0]).toBe('Once upon a time')
  await model.say(' a stream.')
  model.end()
  expect(await after).toBe('finished')
  expect(tab.shown.at(-1)).toBe('Once upon a time there was a stream.')
  expect(await load(url, tab)).toBe('finished')

  const second = newTab()
  expect(await load(url, second)).toBe('finished')
  expect(second.shown.at(-1)).toBe('Once upon a time there was a stream.')
  expect(asked()).toBe(1)
})

it('stopping an answer stops the model, and tells all who read', async () => {
  const { url, model, startAnswer, stopAnswer } = await startDesk()
  await startAnswer('a1', 'Count!')
  const tabs = [newTab(), newTab()]
  const ends = tabs.map((tab) => load(url, tab))
  await model.say('1, 2')
  for (const { shown } of tabs) await eventually(() => expect(shown.at(-1)).toBe('1, 2'))
  expect(model.isStopped()).toBe(false)
  stopAnswer('a1')
  expect(await Promise.all(ends)).toEqual(['stopped', 'stopped'])
  expect(model.isStopped()).toBe(true)
  expect(tabs.map(({ shown }) => shown.at(-1))).toEqual(['1, 2', '1, 2'])
  const { closed } = await DurableStream.head({ url: `${url}/answers/a1` })
  expect(closed).toBe(true)
})

it('a model that fails ends its answer as failed, with all that it said', async () => {
  const { url, model, startAnswer } = await startDesk()
  await startAnswer('a1', 'Fail!')
  const tab = newTab()
  const end = load(url, tab)
  await model.say('Well')
  await eventually(() => expect(tab.shown.at(-1)).toBe('Well'))
  model.fail(new Error('out of tokens'))
  expect(await end).toBe('failed')
  expect(tab.shown.at(-1)).toBe('Well')
})
