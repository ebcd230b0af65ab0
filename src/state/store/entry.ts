import { StreamError } from '../../core/errors.ts'
import type { ChangeEvent, ChangeHeaders } from '../events.ts'
import { parseEvent } from '../parse-event.ts'

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
  | { kind: 'reset' }
  | { kind: 'invalid'; error: StreamError }

interface StoreEvent<Action> extends ChangeEvent<Action> {
  headers: ChangeHeaders & { base?: string }
}

/** One row holds a single value; each action is a row of its own. Protocol section 10. */
export function toEvent<Action>(
  kind: StoreKind,
  { txid, action, base }: { txid: string; action: Action; base?: string | undefined },
): StoreEvent<Action> {
  const headers = { txid, ...(base !== undefined && { base }) }
  return kind === 'state'
    ? { type: kind, key: 'value', value: action, headers: { operation: 'upsert', ...headers } }
    : { type: kind, key: txid, value: action, headers: { operation: 'insert', ...headers } }
}

/** Never throws: what this store cannot read is `invalid`, and says why. */
export function parseItem<Action>(kind: StoreKind, json: unknown): LogItem<Action> {
  const parsed = parseEvent(json)
  if (parsed.kind === 'invalid') {
    const [issue] = parsed.issues
    return invalid(`${issue?.message ?? 'Not an event'}: ${show(json)}`)
  }
  if (parsed.kind === 'control') {
    if (parsed.event.headers.control === 'reset') return { kind: 'reset' }
    return invalid(`A shared value has no snapshots: ${show(json)}`)
  }
  const event = parsed.event as StoreEvent<Action>
  const isOwn = event.type === kind && (kind === 'action' || event.key === 'value')
  if (!isOwn || event.value === undefined || event.headers.operation === 'delete') {
    return invalid(`No ${kind} of a store, which is set and never deleted: ${show(json)}`)
  }
  const { txid, base } = event.headers
  return {
    kind: 'entry',
    action: event.value,
    txid,
    base: typeof base === 'string' ? base : undefined,
  }
}

function invalid(message: string): LogItem<never> {
  return { kind: 'invalid', error: new StreamError('malformed', message) }
}

function show(json: unknown): string {
  return (JSON.stringify(json) ?? String(json)).slice(0, 120)
}
