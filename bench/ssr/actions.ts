// Actions of about 100 bytes, as `useServerReducer` writes them, and two reducers of them.

export interface Move {
  card: string
  to: number
}

interface Event {
  type: 'action'
  key: string
  value: Move
  headers: { operation: 'insert'; txid: string }
}

/** What the actions make. */
export interface App<State = unknown> {
  /** In words. */
  title: string
  reducer: (state: State, move: Move) => State
  initialState: State
}

/** Cheap, so that most of the time is reading. */
const total: App<number> = {
  title: 'a total',
  reducer: (sum, { to }) => sum + to,
  initialState: 0,
}

/** As reducers are written: what changes is copied. */
const board: App<Readonly<Record<string, number>>> = {
  title: 'a board of 20 cards',
  reducer: (cards, { card, to }) => ({ ...cards, [card]: to }),
  initialState: {},
}

export const APPS: {
  total: typeof total
  board: typeof board
} = { total, board }

export type AppName = keyof typeof APPS

export function moveAt(number: number): Move {
  return { card: `card-${number % 20}`, to: number % 7 }
}

export function eventAt(number: number): Event {
  const txid = `${String(number).padStart(10, '0')}-2463534242-88675123`
  return {
    type: 'action',
    key: txid,
    value: moveAt(number),
    headers: { operation: 'insert', txid },
  }
}

/** @throws unless `state` is what the first `count` actions make. */
export function verify(app: AppName, state: unknown, count: number): void {
  const expected = expectedState(app, count)
  if (JSON.stringify(state) === JSON.stringify(expected)) return
  throw new Error(`The state is ${JSON.stringify(state)}, not ${JSON.stringify(expected)}`)
}

const made = new Map<AppName, { state: unknown; count: number }>()

function expectedState(name: AppName, count: number): unknown {
  const { reducer, initialState } = APPS[name] as App
  let at = made.get(name) ?? { state: initialState, count: 0 }
  if (at.count > count) at = { state: initialState, count: 0 }
  let { state } = at
  for (let number = at.count; number < count; number++) state = reducer(state, moveAt(number))
  made.set(name, { state, count })
  return state
}
