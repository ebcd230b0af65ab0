import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseItem } from '../src/state/store/entry.ts'
import { receive } from '../src/state/store/receive.ts'
import { createReplica, type Rules } from '../src/state/store/replica.ts'
import { createStores } from '../src/state/store/stores.ts'
import { setStateReducer as latest } from 'streamwell/store'
import { eventually } from './support/eventually.ts'
import { codeBlocksOf, readPage } from './support/markdown.ts'
import { runBlock } from './support/run-block.ts'
import { startServer } from './support/server.ts'

interface Folded {
  value: unknown
  version: string
  untagged: number
}

/** What the example of the page exports. */
interface Example {
  startAt: (initial: unknown) => Folded
  fold: (before: Folded, item: unknown, initial: unknown) => Folded
  readCounter: (url: string) => Promise<unknown>
}

const FILE = 'docs/wire-format.md'
const blocks = codeBlocksOf(FILE, readPage(FILE))

const runExample = (): Example =>
  runBlock<Example>(blocks.find(({ language }) => language === 'ts')!)

const version = fc.constantFrom('initial', 'untagged-1', 'untagged-2', 'a', 'b', 'c')

/** Items near to those of a store: some good, some conditional, some of others, some broken. */
const item = fc.oneof(
  fc.record(
    {
      type: fc.constantFrom('state', 'state', 'state', 'action'),
      key: fc.constantFrom('value', 'value', 'value', 'other', ''),
      value: fc.nat(3),
      headers: fc.record(
        {
          operation: fc.constantFrom('upsert', 'insert', 'delete', 'unheard-of'),
          txid: fc.oneof(version, fc.constant('')),
          base: fc.oneof(version, fc.nat()),
        },
        { requiredKeys: ['operation'] },
      ),
    },
    { requiredKeys: ['type', 'key', 'headers'] },
  ),
  version.map((txid) => ({ headers: { control: 'reset', txid } })),
  fc.constantFrom({ headers: { control: 'reset' } }, { headers: { control: 'snapshot-end' } }, 3),
)

it('who folds a stream as the page says, in any language, has what the hooks show', () => {
  const { startAt, fold } = runExample()
  const rules: Rules<unknown, unknown> = {
    reducer: latest,
    initialState: 0,
    createTxid: () => 'never used',
  }
  fc.assert(
    fc.property(fc.array(item), (items) => {
      const parsed = items.map((json) => parseItem<unknown>('state', json))
      const { state, version, untagged } = receive(
        createReplica<unknown, unknown>(0),
        rules,
        parsed,
      ).confirmed
      const folded = items.reduce<Folded>((before, json) => fold(before, json, 0), startAt(0))
      expect(folded).toEqual({ value: state, version, untagged })
    }),
  )
})

it('what curl writes by the page shows where a hook is, and the other way round', async () => {
  const { url: serverUrl } = await startServer()
  const store = createStores({ serverUrl }).state('rooms/counter', 0)
  const leave = store.subscribe(() => undefined)
  await eventually(() => expect(store.getSnapshot().status.kind).toBe('live'))

  const curl = blocks.find(({ language }) => language === 'sh')!
  const body = /-d '(.*)'/.exec(curl.code)![1]!
  const headers = { 'content-type': 'application/json' }
  await fetch(`${serverUrl}/rooms/counter`, { method: 'POST', headers, body })
  await eventually(() => expect(store.getSnapshot().state).toBe(42))

  store.update((count) => count + 1)
  await eventually(() => expect(store.getSnapshot().pending).toBe(0))
  expect(await runExample().readCounter(`${serverUrl}/rooms/counter`)).toBe(43)
  leave()
})
