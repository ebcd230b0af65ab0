import type { StoreKind } from '../../../src/state/store/entry.ts'

/** What every page of the simulated app shows: who did something, in which order. */
export type List = readonly string[]

/** What an app with a reducer does to its list. */
export interface ListAction {
  do: 'add' | 'clear' | 'same' | 'fragile' | 'poison'
  id: string
}

/** Of an app with a single value, the action is the next list. */
export type Action = List | ListAction

export const EMPTY: List = []

/** The reducer that users of the app wrote. */
export function reduceList(state: List, action: Action): List {
  if (isList(action)) return action
  switch (action.do) {
    case 'add':
      return [...state, action.id]
    case 'clear':
      return EMPTY
    case 'same':
      return state
    case 'fragile':
      if (isFragileAt(state)) throw new Error('The list breaks here')
      return [...state, action.id]
    case 'poison':
      throw new Error('Nobody can take this')
  }
}

/** What users call: each has an id of its own, by which the test finds it again. */
export type Call =
  /** A value that is set, whatever was there. */
  | { do: 'set' }
  /** A value that is computed from the one before. */
  | { do: 'update' }
  /** The same, where some values cannot be computed from. */
  | { do: 'fragile-update' }
  /** The same, which does nothing when another one was first. */
  | { do: 'claim' }
  | { do: 'dispatch'; action: 'add' | 'clear' | 'same' | 'fragile' }

export const setTo = (id: string): List => [id]

export const addTo =
  (id: string) =>
  (state: List): List => [...state, id]

export const addWhereItHolds =
  (id: string) =>
  (state: List): List => {
    if (isFragileAt(state)) throw new Error('Nothing can be added here')
    return [...state, id]
  }

export const claimAs =
  (id: string) =>
  (state: List): List =>
    state.some((other) => other.startsWith('claim')) ? state : [...state, id]

/** Who wrote this value or action. */
export function idOf(action: Action): string {
  return isList(action) ? (action.at(-1) ?? 'nobody') : action.id
}

/** Events of foreign writers that are no events of this app, or of nobody. */
export function garbage(kind: StoreKind): readonly unknown[] {
  const other = kind === 'state' ? 'action' : 'state'
  const headers = { operation: 'upsert' }
  return [
    ...[null, 17, 'text', [], {}, { headers: null }, { type: kind }, { headers }],
    { type: kind, key: 'value', value: ['x'], headers: { operation: 'tickle' } },
    { type: kind, key: 'value', value: ['x'], headers: { ...headers, txid: '' } },
    { type: kind, key: '', value: ['x'], headers },
    { type: kind, key: 'value', headers },
    { type: kind, key: 'value', headers: { operation: 'delete' } },
    { type: other, key: 'value', value: ['x'], headers },
    { headers: { control: 'snapshot-start' } },
    { headers: { control: 'boom' } },
  ]
}

function isList(action: Action): action is List {
  return Array.isArray(action)
}

function isFragileAt(state: List): boolean {
  return state.length % 4 === 2
}
