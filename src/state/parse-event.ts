import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { ChangeEvent, ControlEvent } from './events.ts'

/** What is wrong with a value, and where in it. The shape that schemas report in as well. */
export type Issue = StandardSchemaV1.Issue

export type ParsedEvent =
  | { kind: 'change'; event: ChangeEvent }
  | { kind: 'control'; event: ControlEvent }
  | { kind: 'invalid'; issues: readonly Issue[] }

type Json = Readonly<Record<string, unknown>>

const OPERATIONS: ReadonlySet<unknown> = new Set(['insert', 'update', 'delete', 'upsert'])
const CONTROLS: ReadonlySet<unknown> = new Set(['snapshot-start', 'snapshot-end', 'reset'])
const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

/**
 * Reads a JSON value as a State Protocol event, protocol section 10. Never throws: what is no event
 * comes back as `invalid`, with the field and the reason.
 */
export function parseEvent(json: unknown): ParsedEvent {
  if (!isRecord(json)) return invalid('An event must be a JSON object')
  const { headers } = json
  if (!isRecord(headers)) return invalid('An event must have an object of headers', 'headers')
  if ('control' in headers) return parseControl(json, headers)

  const issue = findChangeIssue(json, headers)
  return issue ? { kind: 'invalid', issues: [issue] } : { kind: 'change', event: asChange(json) }
}

/** Whether `event` is a well-formed change. Its value has not been checked by a schema. */
export function isChangeEvent<Value = unknown>(event: unknown): event is ChangeEvent<Value> {
  return parseEvent(event).kind === 'change'
}

/** Whether `event` is a well-formed control event. */
export function isControlEvent(event: unknown): event is ControlEvent {
  return parseEvent(event).kind === 'control'
}

function parseControl(json: Json, headers: Json): ParsedEvent {
  if (!CONTROLS.has(headers.control)) {
    return invalid(`Unknown control ${show(headers.control)}`, 'headers', 'control')
  }
  return isOptionalString(headers.offset)
    ? { kind: 'control', event: json as unknown as ControlEvent }
    : invalid('offset must be a string', 'headers', 'offset')
}

function findChangeIssue(json: Json, headers: Json): Issue | undefined {
  const { operation, txid, timestamp, from, offset } = headers
  if (!isName(json.type)) return issueAt('type must be a non-empty string', 'type')
  if (!isName(json.key)) return issueAt('key must be a non-empty string', 'key')
  if (!OPERATIONS.has(operation)) {
    return issueAt(`Unknown operation ${show(operation)}`, 'headers', 'operation')
  }
  if (operation !== 'delete' && json.value === undefined) {
    return issueAt(`${show(operation)} must have a value`, 'value')
  }
  if (txid !== undefined && !isName(txid)) {
    return issueAt('txid must be a non-empty string', 'headers', 'txid')
  }
  if (timestamp !== undefined && !(typeof timestamp === 'string' && RFC_3339.test(timestamp))) {
    return issueAt(`timestamp ${show(timestamp)} is not RFC 3339`, 'headers', 'timestamp')
  }
  if (!isOptionalString(from)) return issueAt('from must be a string', 'headers', 'from')
  if (!isOptionalString(offset)) return issueAt('offset must be a string', 'headers', 'offset')
  return undefined
}

function asChange(json: Json): ChangeEvent {
  return json as unknown as ChangeEvent
}

function invalid(message: string, ...path: string[]): ParsedEvent {
  return { kind: 'invalid', issues: [issueAt(message, ...path)] }
}

function issueAt(message: string, ...path: string[]): Issue {
  return { message, path }
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isOptionalString(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}

/** The value as a reader of the message would write it, cut short. */
function show(value: unknown): string {
  if (typeof value === 'object' && value !== null) return 'that is no string'
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
