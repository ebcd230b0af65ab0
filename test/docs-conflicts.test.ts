import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { DurableStream } from 'streamwell'
import {
  type ChangeEvent,
  createStateSchema,
  createStreamDB,
  type StreamDB,
} from 'streamwell/state'
import { createSharedStore, type SharedStore, setStateReducer } from 'streamwell/store'
import { eventually } from './support/eventually.ts'
import { gatedFetch } from './support/gated-fetch.ts'
import { ROOT } from './support/imports.ts'
import { startServer } from './support/server.ts'

// What docs/conflicts.md shows, picture by picture, on a real server: the boxes of each picture are
// what the stream holds. What Ann and Ben write waits, so both write before either is stored.

/** The boxes of a picture, from top to bottom. */
function boxesOf(picture: string): string[] {
  const svg = readFileSync(join(ROOT, 'docs/images', `conflicts-${picture}.svg`), 'utf8')
  return [...svg.matchAll(/<rect class="(?:ann|ben).*\n.*>(.*)<\/text>/g)].map(([, text]) => text!)
}

/** The boxes that everyone skips, as what they would have shown. */
function skippedIn(picture: string): string[] {
  const svg = readFileSync(join(ROOT, 'docs/images', `conflicts-${picture}.svg`), 'utf8')
  const boxes = [...svg.matchAll(/<rect class="(?:ann|ben) void".*\n.*>(.*)<\/text>/g)]
  return boxes.map(([, text]) => text!.split(',', 1)[0]!)
}

/** What the two of them see when all is over, by the last line of a picture. */
function endOf(picture: string): string[] {
  const svg = readFileSync(join(ROOT, 'docs/images', `conflicts-${picture}.svg`), 'utf8')
  return [...svg.matchAll(/class="end".*?>(.*)<\/text>/g)].map(([, text]) => text!)
}

interface Page<Thing> {
  it: Thing
  /** Lets its appends through: this one, and all later ones. */
  letThrough: () => void
}

interface Scene<Thing> {
  ann: Page<Thing>
  ben: Page<Thing>
  stream: DurableStream<ChangeEvent>
  /** What the stream holds, as `value, from the value that it was computed from`. */
  log: () => Promise<string[]>
}

async function openScene<Thing>(
  open: (serverUrl: string, fetch: typeof globalThis.fetch) => Thing,
  describe: (event: ChangeEvent) => string,
  first?: ChangeEvent,
): Promise<Scene<Thing>> {
  const { url: serverUrl } = await startServer()
  const url = `${serverUrl}/room`
  const stream = await DurableStream.create<ChangeEvent>({ url, contentType: 'application/json' })
  if (first) await stream.append(first)
  const page = (): Page<Thing> => {
    const { fetch, open: letThrough } = gatedFetch()
    return { it: open(serverUrl, fetch), letThrough }
  }

  async function log(): Promise<string[]> {
    const events: ChangeEvent[] = []
    for await (const event of stream.json({ live: false })) events.push(event)
    const texts = events.map((event) => {
      const { base } = event.headers
      if (base === undefined) return describe(event)
      const origin = events.find(({ headers }) => headers.txid === base)
      return `${describe(event)}, from ${origin ? describe(origin).replace('insert ', '') : '5'}`
    })
    return first ? texts.slice(1) : texts
  }
  return { ann: page(), ben: page(), stream, log }
}

type Counter = SharedStore<number, number>

const counter = (serverUrl: string, fetch: typeof globalThis.fetch): Counter =>
  used(
    createSharedStore({
      url: `${serverUrl}/room`,
      fetch,
      reducer: setStateReducer,
      initialState: 5,
    }),
  )

function used<State, Action>(store: SharedStore<State, Action>): SharedStore<State, Action> {
  onTestFinished(store.subscribe(() => {}))
  return store
}

type Shown<State> = Page<{ getSnapshot: () => { state: State; status: { kind: string } } }>

const isLive = ({ it: store }: Shown<unknown>): Promise<void> =>
  eventually(() => expect(store.getSnapshot().status.kind).toBe('live'))

const sees = <State>({ it: store }: Shown<State>): State => store.getSnapshot().state

/** Ann's writes are stored first, then Ben's; in the end nothing is pending. */
async function storeInTurn<Thing>(
  { ann, ben, log }: Scene<Thing>,
  pendingOf: (thing: Thing) => number,
  [first, second] = [ann, ben],
): Promise<void> {
  first.letThrough()
  await eventually(async () => expect(await log()).toHaveLength(1))
  second.letThrough()
  await eventually(() => expect([pendingOf(ann.it), pendingOf(ben.it)]).toEqual([0, 0]))
}

it('of two plain values the last one wins', async () => {
  const scene = await openScene(counter, ({ value }) => String(value))
  const { ann, ben, log } = scene
  await Promise.all([isLive(ann), isLive(ben)])
  ann.it.dispatch(10)
  ben.it.dispatch(20)
  expect([sees(ann), sees(ben)]).toEqual([10, 20])

  await storeInTurn(scene, ({ pending }) => pending)
  await eventually(() => expect([sees(ann), sees(ben)].map(String)).toEqual(endOf('set')))
  expect(await log()).toEqual(boxesOf('set'))
})

it('of two updates by function none is lost', async () => {
  const scene = await openScene(counter, ({ value }) => String(value))
  const { ann, ben, log } = scene
  await Promise.all([isLive(ann), isLive(ben)])
  const benSaw = new Set<number>()
  ben.it.subscribe(() => benSaw.add(sees(ben)))
  for (const { it: store } of [ann, ben]) store.update((n) => n + 1)
  expect([sees(ann), sees(ben)]).toEqual([6, 6])

  await storeInTurn(scene, ({ pending }) => pending)
  await eventually(() => expect([sees(ann), sees(ben)].map(String)).toEqual(endOf('update')))
  expect(await log()).toEqual(boxesOf('update'))
  expect([...benSaw]).toEqual([6, 7])
})

const addUp = (all: string[], one: string): string[] => [...all, one]

it('of two actions both count, in the order of the stream', async () => {
  const list = (serverUrl: string, fetch: typeof globalThis.fetch): SharedStore<string[], string> =>
    used(createSharedStore({ url: `${serverUrl}/room`, fetch, reducer: addUp, initialState: [] }))
  const scene = await openScene(list, ({ value }) => `add '${String(value)}'`)
  const { ann, ben, log } = scene
  await Promise.all([isLive(ann), isLive(ben)])
  ann.it.dispatch('Milk')
  ben.it.dispatch('Bread')
  expect([sees(ann), sees(ben)]).toEqual([['Milk'], ['Bread']])

  await storeInTurn(scene, ({ pending }) => pending, [ben, ann])
  const seen = (): string[] => [sees(ann), sees(ben)].map((items) => items.join(', '))
  await eventually(() => expect(seen()).toEqual(endOf('actions')))
  expect(await log()).toEqual(boxesOf('actions'))
})

it('of a value that was changed offline for an hour nothing is lost, on either side', async () => {
  const scene = await openScene(counter, ({ value }) => String(value))
  const { ann, ben, log } = scene
  await Promise.all([isLive(ann), isLive(ben)])
  for (let i = 0; i < 3; i++) ann.it.update((n) => n + 1)
  expect(sees(ann)).toBe(8)
  ben.letThrough()
  for (let i = 0; i < 10; i++) ben.it.update((n) => n + 1)
  await eventually(() => expect([sees(ann), sees(ben)]).toEqual([18, 15]))

  ann.letThrough()
  await eventually(() => expect([sees(ann), sees(ben)].map(String)).toEqual(endOf('offline')))
  const values = (await log()).map((text) => text.split(',', 1)[0]!)
  const [first, , last] = boxesOf('offline')
  expect(values.slice(0, 10).join(', ')).toBe(first!.replace('…', '8, 9, 10, 11, 12, 13, 14,'))
  expect(values.slice(-3).join(', ')).toBe(last)
})

const task = z.object({ id: z.string(), name: z.string(), done: z.boolean() })
const definition = { tasks: { schema: task, type: 'task', primaryKey: 'id' } } as const
const schema = createStateSchema(definition)

function tasks(serverUrl: string, fetch: typeof globalThis.fetch): StreamDB<typeof definition> {
  const streamOptions = { url: `${serverUrl}/room`, fetch }
  const db = createStreamDB({ streamOptions, state: schema })
  onTestFinished(() => db.close())
  return db
}

const PLAN = schema.tasks.insert({
  value: { id: '1', name: 'Plan', done: false },
  headers: { txid: 'plan' },
})

type Task = z.infer<typeof task>

/** Two databases with one task, which both of them change before either change is stored. */
async function changeBoth(
  picture: string,
  change: Record<
    'ann' | 'ben',
    (db: StreamDB<typeof definition>) => { isPersisted: { promise: Promise<unknown> } }
  >,
  show: (task: Task | undefined) => string,
  first: ChangeEvent | undefined = PLAN,
): Promise<PromiseSettledResult<unknown>[]> {
  const scene = await openScene(
    tasks,
    ({ value, key, headers: { operation } }) => {
      if (operation === 'delete') return `delete ${key}`
      return operation === 'insert' ? `insert ${show(value as Task)}` : show(value as Task)
    },
    first,
  )
  const { ann, ben, log, stream } = scene
  await Promise.all([ann.it.preload(), ben.it.preload()])
  const writes = Promise.allSettled(
    [ann, ben].map((page) => change[page === ann ? 'ann' : 'ben'](page.it).isPersisted.promise),
  )
  const annSaw: string[] = []
  ann.it.collections.tasks.subscribeChanges(() =>
    annSaw.push(show(ann.it.collections.tasks.get('1'))),
  )
  ann.letThrough()
  await eventually(async () => expect(await log()).toHaveLength(1))
  ben.letThrough()
  const outcomes = await writes
  const seen = () => [ann, ben].map(({ it: db }) => show(db.collections.tasks.get('1')))
  await eventually(() => expect(seen()).toEqual(endOf(picture)))
  await eventually(async () => expect(await log()).toEqual(boxesOf(picture)))
  const { offset } = await stream.head()
  await eventually(() => expect(ann.it.offset).toBe(offset))
  for (const skipped of skippedIn(picture)) {
    if (!endOf(picture).includes(skipped)) expect(annSaw).not.toContain(skipped)
  }
  return outcomes
}

const box = (row: Task | undefined): string =>
  row ? `${row.done ? '☑' : '☐'} ${row.name}` : 'no row'

it('of two fields of one row both changes stay', async () => {
  await changeBoth(
    'fields',
    {
      ann: (db) => db.collections.tasks.update('1', (draft) => void (draft.name = 'Trip')),
      ben: (db) => db.collections.tasks.update('1', (draft) => void (draft.done = true)),
    },
    box,
  )
})

it('of one field the last change stays', async () => {
  await changeBoth(
    'field',
    {
      ann: (db) => db.collections.tasks.update('1', (draft) => void (draft.name = 'Trip')),
      ben: (db) => db.collections.tasks.update('1', (draft) => void (draft.name = 'Party')),
    },
    (row) => row?.name ?? 'no row',
  )
})

it('of two rows of one key the last one stays', async () => {
  const insertBy = (name: string) => (db: StreamDB<typeof definition>) =>
    db.collections.tasks.insert({ id: '1', name, done: false })
  const outcomes = await changeBoth(
    'insert',
    { ann: insertBy('Trip'), ben: insertBy('Party') },
    (row) => row?.name ?? 'no row',
    schema.tasks.insert({ value: { id: '0', name: 'Other', done: false } }),
  )
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
})

it('a row that was deleted stays so, and who changed it is told', async () => {
  const outcomes = await changeBoth(
    'delete',
    {
      ann: (db) => db.collections.tasks.delete('1'),
      ben: (db) => db.collections.tasks.update('1', (draft) => void (draft.done = true)),
    },
    box,
  )
  expect(outcomes).toMatchObject([
    { status: 'fulfilled' },
    { status: 'rejected', reason: { name: 'StreamError', code: 'conflict' } },
  ])
})

it('every picture is on the page, with words for those who do not see it', () => {
  const page = readFileSync(join(ROOT, 'docs/conflicts.md'), 'utf8')
  for (const picture of [
    'set',
    'update',
    'actions',
    'fields',
    'field',
    'insert',
    'delete',
    'offline',
  ]) {
    expect(page).toMatch(new RegExp(`!\\[.{40,}\\]\\(images/conflicts-${picture}.svg\\)`))
    expect(boxesOf(picture).length).toBeGreaterThan(1)
  }
})
