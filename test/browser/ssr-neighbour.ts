import { DurableStream } from 'streamwell'
import { createSharedStore, setStateReducer, type SharedStore } from 'streamwell/store'
import { createStreamDB } from 'streamwell/state'
import { COFFEE_KEY, NOTES_KEY, SHOPPING_KEY } from '../../examples/door/keys.ts'
import { notesSchema, writeNote } from '../../examples/door/notes.ts'
import { nothingToBuy, type ShoppingAction, shoppingReducer } from '../../examples/door/shopping.ts'
import { eventually } from '../support/eventually.ts'

/** Somebody at the same door, without a browser. Each promise resolves when all can see it. */
export interface Neighbour {
  pour(cups: number): Promise<void>
  cups(): Promise<number>
  buy(...texts: string[]): Promise<void>
  pin(text: string): Promise<void>
  /** Takes everything off the door. */
  clear(): Promise<void>
  /** Where the stream of `key` ends by now. */
  endOf(key: string): Promise<string>
}

export function neighbourAt(streamsUrl: string): Neighbour {
  const urlOf = (key: string): string => `${streamsUrl}/${key}`

  const onCoffee = <Result>(act: (store: SharedStore<number, number>) => Result): Promise<Result> =>
    onStore(
      createSharedStore({
        url: urlOf(COFFEE_KEY),
        reducer: setStateReducer<number>,
        initialState: 0,
      }),
      act,
    )
  const onShopping = (
    act: (store: SharedStore<typeof nothingToBuy, ShoppingAction>) => void,
  ): Promise<void> =>
    onStore(
      createSharedStore({
        url: urlOf(SHOPPING_KEY),
        reducer: shoppingReducer,
        initialState: nothingToBuy,
      }),
      act,
    )
  const add = (store: SharedStore<typeof nothingToBuy, ShoppingAction>, text: string): void =>
    store.dispatch({ type: 'add', id: crypto.randomUUID(), text })

  async function onNotes(act: (db: ReturnType<typeof openNotes>) => unknown): Promise<void> {
    const db = openNotes(urlOf(NOTES_KEY))
    await db.preload()
    await act(db)
    db.close()
  }

  return {
    pour: (cups) => onCoffee((store) => store.dispatch(cups)),
    cups: () => onCoffee((store) => store.getSnapshot().state),
    buy: (...texts) => onShopping((store) => texts.forEach((text) => add(store, text))),
    pin: (text) =>
      onNotes(({ collections: { notes } }) => {
        const note = { text, by: 'Nele', colour: 'mint' } as const
        return notes.insert(writeNote(crypto.randomUUID(), note, notes.toArray)).isPersisted.promise
      }),
    clear: async () => {
      await onCoffee((store) => store.dispatch(0))
      await onShopping((store) => {
        for (const { id } of store.getSnapshot().state) {
          store.dispatch({ type: 'tick', id, isBought: true })
        }
        store.dispatch({ type: 'clear-bought' })
      })
      await onNotes(({ collections: { notes } }) =>
        Promise.all(notes.toArray.map(({ id }) => notes.delete(id).isPersisted.promise)),
      )
    },
    endOf: async (key) => (await DurableStream.head({ url: urlOf(key) })).offset,
  }
}

// eslint-disable-next-line typescript/explicit-module-boundary-types
function openNotes(url: string) {
  return createStreamDB({ streamOptions: { url }, state: notesSchema })
}

/** Waits until the store has read all there is, and until what `act` wrote has come back. */
async function onStore<State, Action, Result>(
  store: SharedStore<State, Action>,
  act: (store: SharedStore<State, Action>) => Result,
): Promise<Result> {
  const leave = store.subscribe(() => undefined)
  await eventually(() => {
    if (store.getSnapshot().status.kind !== 'live') throw new Error('not live yet')
  })
  const result = act(store)
  await eventually(() => {
    if (store.getSnapshot().pending > 0) throw new Error('not confirmed yet')
  })
  leave()
  return result
}
