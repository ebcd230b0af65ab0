import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Rules } from '../../src/state/store/replica.ts'
import { drain, SimulatedClient } from './simulated-store.ts'

type Step =
  | { do: 'add'; client: number; amount: number }
  | { do: 'set'; client: number; value: number }
  | { do: 'store' | 'refuse'; client: number }
  | { do: 'receive'; client: number; count: number }

const client = fc.nat({ max: 7 })
const add = fc.record({
  do: fc.constant('add' as const),
  client,
  amount: fc.integer({ min: 1, max: 9 }),
})
const set = fc.record({ do: fc.constant('set' as const), client, value: fc.nat({ max: 99 }) })
const store = fc.record({ do: fc.constant('store' as const), client })
const refuse = fc.record({ do: fc.constant('refuse' as const), client })
const receive = fc.record({
  do: fc.constant('receive' as const),
  client,
  count: fc.integer({ min: 1, max: 4 }),
})
const clientCount = fc.integer({ min: 2, max: 8 })
const numRuns = 1500

function stepsOf(...kinds: fc.Arbitrary<Step>[]): fc.Arbitrary<Step[]> {
  return fc.array(fc.oneof(...kinds), { maxLength: 60 })
}

function createClients<State, Action>(
  count: number,
  kind: 'state' | 'action',
  rules: Omit<Rules<State, Action>, 'createTxid'>,
): { clients: SimulatedClient<State, Action>[]; log: string[] } {
  const log: string[] = []
  let txids = 0
  const createTxid = (): string => `t${++txids}`
  const clients = Array.from(
    { length: count },
    () => new SimulatedClient<State, Action>(kind, log, { ...rules, createTxid }),
  )
  return { clients, log }
}

describe('a shared value', () => {
  const rules = { reducer: (_: number, value: number) => value, initialState: 0 }

  it('counts every functional update that was not refused, whoever comes first', () => {
    fc.assert(
      fc.property(clientCount, stepsOf(add, add, store, receive, refuse), (count, steps) => {
        const { clients } = createClients(count, 'state', rules)
        let expected = 0
        const amounts = new Map<(state: number) => number, number>()
        for (const step of steps) {
          const one = clients[step.client % count]!
          if (step.do === 'add') {
            const plus = (state: number): number => state + step.amount
            amounts.set(plus, step.amount)
            one.act(plus(one.shown), plus)
            expected += step.amount
          } else if (step.do === 'refuse') {
            const before = one.replica.pending.map(({ compute }) => compute!)
            one.refuse()
            const after = new Set(one.replica.pending.map(({ compute }) => compute!))
            for (const gone of before) if (!after.has(gone)) expected -= amounts.get(gone)!
          } else perform(one, step)
        }
        drain(clients as never)
        for (const { shown, replica } of clients) {
          expect(replica.pending).toEqual([])
          expect(shown).toBe(expected)
        }
      }),
      { numRuns },
    )
  })

  it('ends the same on every page, whatever is set and added in whatever order', () => {
    fc.assert(
      fc.property(clientCount, stepsOf(add, set, store, receive, refuse), (count, steps) => {
        const { clients, log } = createClients(count, 'state', rules)
        for (const step of steps) {
          const one = clients[step.client % count]!
          if (step.do === 'add') one.act(one.shown + step.amount, (state) => state + step.amount)
          else if (step.do === 'set') one.act(step.value)
          else perform(one, step)
        }
        drain(clients as never)
        const late = new SimulatedClient<number, number>('state', log, {
          ...rules,
          createTxid: () => 'none',
        })
        late.receive(Infinity)
        for (const { shown, replica } of clients) {
          expect(replica.pending).toEqual([])
          expect(shown).toBe(late.shown)
        }
      }),
      { numRuns },
    )
  })

  it('shows a writer its own writes in the order in which it made them', () => {
    const { clients } = createClients<number, number>(2, 'state', rules)
    const [one, other] = clients as [
      SimulatedClient<number, number>,
      SimulatedClient<number, number>,
    ]
    other.act(100)
    one.act(1, (state) => state + 1)
    one.act(5)
    expect(one.shown).toBe(5)
    other.store()
    one.receive(Infinity)
    expect(one.shown).toBe(5)
    drain(clients as never)
    expect(one.shown).toBe(5)
    expect(other.shown).toBe(5)
  })
})

describe('a shared reducer', () => {
  interface Added {
    by: number
    nth: number
  }
  const rules = {
    reducer: (state: readonly Added[], action: Added): readonly Added[] => [...state, action],
    initialState: [] as readonly Added[],
  }

  it('applies every action once, in one order, and each writer’s in its own order', () => {
    fc.assert(
      fc.property(clientCount, stepsOf(add, store, receive), (count, steps) => {
        const { clients } = createClients<readonly Added[], Added>(count, 'action', rules)
        const made = new Map<number, number>()
        for (const step of steps) {
          const by = step.client % count
          if (step.do === 'add') {
            const nth = made.get(by) ?? 0
            made.set(by, nth + 1)
            clients[by]!.act({ by, nth })
          } else perform(clients[by]!, step)
        }
        drain(clients as never)
        for (const { shown } of clients) {
          expect(shown).toEqual(clients[0]!.shown)
          for (const [by, total] of made) {
            const nths = shown.filter((action) => action.by === by).map(({ nth }) => nth)
            expect(nths).toEqual(Array.from({ length: total }, (_, nth) => nth))
          }
        }
      }),
      { numRuns },
    )
  })

  it('keeps the very same state when the stream only confirms what is shown', () => {
    const { clients } = createClients<readonly Added[], Added>(2, 'action', rules)
    const [one] = clients as [SimulatedClient<readonly Added[], Added>]
    one.act({ by: 0, nth: 0 })
    one.act({ by: 0, nth: 1 })
    const shown = one.shown
    drain(clients as never)
    expect(one.shown).toBe(shown)
  })
})

function perform<State, Action>(one: SimulatedClient<State, Action>, step: Step): void {
  if (step.do === 'store') one.store()
  if (step.do === 'refuse') one.refuse()
  if (step.do === 'receive') one.receive(step.count)
}
