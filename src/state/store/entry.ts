import { StreamError } from '../../core/errors.ts'
import type { ChangeEvent, ChangeHeaders, ControlEvent } from '../events.ts'

/** One step of a store's log: an action, or for a single value the value itself. */
export interface Entry<Action> {
  kind: 'entry'
  action: Action
  txid: string | undefined
  /** Applies only while this is the current version: the txid of the value it was computed from. */
  base: string | undefined
}

/** How a store's log is read. `state` events carry values, `action` events what a reducer takes. */
export type StoreKind = 'state' | 'action'

/** A store's log also takes `reset`: back to the initial state. */
export type LogItem<Action> =
  | Entry<Action>
  | { kind: 'reset'; txid: string | undefined }
  | { kind: 'invalid'; error: StreamError }

/** What goes into the log. */
export interface StoreWrite<Action> {
  txid: string
  action: Action
  base?: string | undefined
  /** Back to the initial state; there is no action. */
  isReset?: true | undefined
}

interface StoreEvent<Action> extends ChangeEvent<Action> {
  headers: ChangeHeaders & { base?: string }
}

/** One row holds a single value; each action is a row of its own. Protocol section 10. */
export function toEvent<Action>(
  kind: StoreKind,
  { txid, action, base, isReset }: StoreWrite<Action>,
): StoreEvent<Action> | ControlEvent {
  if (isReset) return { headers: { control: 'reset', txid } }
  const isValue = kind === 'state'
  return {
    type: kind,
    key: isValue ? 'value' : txid,
    value: action,
    // What is undefined, JSON leaves out.
    headers: { operation: isValue ? 'upsert' : 'insert', txid, base } as ChangeHeaders,
  }
}

/** Never throws: what this store cannot read is `invalid`, and says so. */
export function parseItem<Action>(kind: StoreKind, json: unknown): LogItem<Action> {
  const { type, key, value, headers } = asRecord(json)
  const { control, operation, txid, base } = asRecord(headers)
  if (control === 'reset') return { kind: 'reset', txid: isName(txid) ? txid : undefined }
  if (
    type === kind &&
    (kind === 'state' ? key === 'value' : isName(key)) &&
    value !== undefined &&
    ['upsert', 'insert', 'update'].includes(operation as string) &&
    (txid === undefined || isName(txid))
  ) {
    const isConditional = typeof base === 'string'
    return { kind: 'entry', action: value as Action, txid, base: isConditional ? base : undefined }
  }
  const text = (JSON.stringify(json) ?? '').slice(0, 120)
  const error = new StreamError('malformed', `Skipped, as no ${kind} event of a store: ${text}`)
  return { kind: 'invalid', error }
}

function asRecord(json: unknown): Readonly<Record<string, unknown>> {
  return Object(json) as Record<string, unknown>
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
