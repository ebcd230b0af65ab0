import { StreamError } from '../../core/errors.ts'
import { createConditions } from '../conditions.ts'
import type { StateSchema } from '../schema.ts'
import type { ChangeEvent, ControlEvent } from '../events.ts'
import { type Issue, parseEvent } from '../parse-event.ts'
import { describeIssues, validateRow } from '../validate.ts'
import { createTable, type Table } from './table.ts'

/** An event that was skipped. */
export interface InvalidEvent {
  /** As it came: any JSON. */
  event: unknown
  issues: readonly Issue[]
  /** Reading the stream from here brings the event again, among the first. */
  offset: string
}

export interface RouterOptions {
  schema: StateSchema
  /** By the name of the collection. */
  tables: ReadonlyMap<string, Table>
  /** Called with each well-formed change, of known type or not, before it is applied. */
  onEvent: (event: ChangeEvent) => void
  onInvalid: (invalid: InvalidEvent) => void
  /** Called with the txid of each change, and with what made readers skip it. */
  onTxId: (txid: string, error: StreamError | undefined) => void
}

/** Tallies of what came in. */
export interface EventCounts {
  applied: number
  /** Changes whose `base` was no longer the version of their row: somebody else came first. */
  superseded: number
  invalid: number
  /** Well-formed changes of a type that the schema does not know. */
  unknown: number
}

/** Takes items of a stream, one by one and in order, into the tables of their types. */
export interface Router {
  readonly counts: Readonly<EventCounts>
  /** Whether a snapshot has begun and not ended. */
  isInSnapshot: boolean
  /** Changes so far: numbers the versions that no txid names. Rows that were kept bring theirs. */
  ordinal: number
  /** By type, known or not. */
  readonly routes: ReadonlyMap<string, Route>
  /** The rows of a type, known or not. */
  tableOf: (type: string) => Table
  route: (json: unknown, offset: string) => void
  /** Everything so far is void. */
  restart: () => void
}

interface Route {
  readonly table: Table
  /** Missing for a type that the schema does not know: only the versions of its rows matter. */
  readonly schema?: StateSchema[string]['schema']
}

export function createRouter(options: RouterOptions): Router {
  const { schema, tables, onEvent, onInvalid, onTxId } = options
  const routes = new Map<string, Route>()
  for (const [name, { type, schema: rows }] of Object.entries(schema)) {
    routes.set(type, { schema: rows, table: tables.get(name)! })
  }
  const counts: EventCounts = { applied: 0, superseded: 0, invalid: 0, unknown: 0 }
  let admits = createConditions()

  function routeOf(type: string): Route {
    const known = routes.get(type)
    if (known) return known
    const route = { table: createTable() }
    routes.set(type, route)
    return route
  }

  function refuse(event: unknown, issues: readonly Issue[], offset: string): void {
    counts.invalid++
    onInvalid({ event, issues, offset })
  }

  /** @returns why all readers skip it, if they do. */
  function change(event: ChangeEvent, offset: string): StreamError | undefined {
    const { type, key, value: input, headers } = event
    const { operation, txid } = headers
    const ordinal = ++router.ordinal
    const { schema: rows, table } = routeOf(type)
    if (!admits(headers, key, table)) {
      counts.superseded++
      return superseded(event)
    }
    if (!rows) counts.unknown++
    if (operation === 'delete') {
      table.remove(key)
    } else {
      const validation = rows ? validateRow(rows, input) : UNREAD
      if (validation.kind === 'invalid') {
        refuse(event, validation.issues, offset)
        return txid === undefined ? undefined : skipped(txid, validation.issues)
      }
      table.put(key, {
        row: validation.value,
        input: rows && input,
        version: txid ?? ordinal,
      })
    }
    if (rows) counts.applied++
    return undefined
  }

  function control({ headers }: ControlEvent): void {
    const { control: what } = headers
    const isStart = what === 'snapshot-start'
    admits = createConditions()
    if (what !== 'reset') router.isInSnapshot = isStart
    for (const { table } of routes.values()) {
      if (isStart) table.openSnapshot()
      else if (what === 'reset') table.clear()
      else table.closeSnapshot()
    }
  }

  const router: Router = {
    counts,
    isInSnapshot: false,
    ordinal: 0,
    routes,
    tableOf: (type) => routeOf(type).table,
    route(json, offset) {
      const parsed = parseEvent(json)
      if (parsed.kind === 'change') {
        const { event } = parsed
        onEvent(event)
        const error = change(event, offset)
        const { txid } = event.headers
        if (txid !== undefined) onTxId(txid, error)
      } else if (parsed.kind === 'control') control(parsed.event)
      else refuse(json, parsed.issues, offset)
    },
    restart() {
      router.isInSnapshot = false
      router.ordinal = 0
      admits = createConditions()
      for (const { table } of routes.values()) {
        table.closeSnapshot()
        table.clear()
      }
    },
  }
  return router
}

const UNREAD = { kind: 'valid', value: {} } as const

function superseded({ type, key, headers }: ChangeEvent): StreamError {
  return new StreamError(
    'conflict',
    `${type} "${key}" has changed before "${headers.txid}" came: write again`,
  )
}

function skipped(txid: string, issues: readonly Issue[]): StreamError {
  return new StreamError(
    'invalid',
    `An event of txid "${txid}" breaks its schema, and all readers skip it: ${describeIssues(issues)}`,
  )
}
