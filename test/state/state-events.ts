import fc from 'fast-check'
import type { ControlEvent, Operation, StateEvent } from 'streamwell/events'

const KEYS = ['a', 'b', '1', '__proto__']
const OPERATIONS: Operation[] = ['insert', 'update', 'upsert', 'delete']
const CONTROLS: ControlEvent['headers']['control'][] = ['snapshot-start', 'snapshot-end', 'reset']

/** Events of two types over few keys, so that they meet, with a control now and then. */
export function stateEvents(types: readonly string[] = ['user', 'room']): fc.Arbitrary<StateEvent> {
  const change = fc.record({
    type: fc.constantFrom(...types),
    key: fc.constantFrom(...KEYS),
    value: fc.record({ id: fc.constantFrom(...KEYS), n: fc.nat(9) }),
    headers: fc.record({ operation: fc.constantFrom(...OPERATIONS) }),
  })
  const control = fc.record({
    headers: fc.record({ control: fc.constantFrom(...CONTROLS) }),
  })
  return fc.oneof({ weight: 8, arbitrary: change }, { weight: 1, arbitrary: control })
}
