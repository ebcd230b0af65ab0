export type { ChangeEvent, ChangeHeaders, ControlEvent, Operation, StateEvent } from './events.ts'
export {
  isChangeEvent,
  isControlEvent,
  parseEvent,
  type Issue,
  type ParsedEvent,
} from './parse-event.ts'
export type { CollectionDefinition, StateDefinition } from './definition.ts'
export { createStateSchema, type StateSchema } from './schema.ts'
export type { DeleteParams, EventHeaders, EventHelpers, PutParams } from './event-helpers.ts'
export { MaterializedState } from './materialized-state.ts'
