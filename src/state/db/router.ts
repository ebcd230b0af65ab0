import type { StateSchema } from '../schema.ts'
import type { ChangeEvent, ControlEvent } from '../events.ts'
import { type Issue, parseEvent } from '../parse-event.ts'
import { validateRow } from '../validate.ts'
import type { Table } from './table.ts'

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
  onTxId: (txid: string, issues: readonly Issue[] | undefined) => void
}

/** Tallies of what came in. */
export interface EventCounts {
  applied: number
  invalid: number
  /** Well-formed changes of a type that the schema does not know. */
  unknown: number
}

/** Takes items of a stream, one by one and in order, into the tables of their types. */
export interface Router {
  readonly counts: Readonly<EventCounts>
  /** Whether a snapshot has begun and not ended. */
  readonly isInSnapshot: boolean
  route: (json: unknown, offset: string) => void
  /** Everything so far is void. */
  restart: () => void
}

export function createRouter(options: RouterOptions): Router {
  const { schema, tables, onEvent, onInvalid, onTxId } = options
  const routes = new Map(
    Object.entries(schema).map(([name, definition]) => [
      definition.type,
      { schema: definition.schema, table: tables.get(name)! },
    ]),
  )
  const counts: EventCounts = { applied: 0, invalid: 0, unknown: 0 }
  let isInSnapshot = false
  /** Changes so far: numbers the versions that no txid names. */
  let ordinal = 0

  function refuse(event: unknown, issues: readonly Issue[], offset: string): void {
    counts.invalid++
    onInvalid({ event, issues, offset })
  }

  function change(event: ChangeEvent, offset: string): void {
    onEvent(event)
    ordinal++
    const { type, key, value, headers } = event
    const route = routes.get(type)
    let issues: readonly Issue[] | undefined
    if (!route) {
      counts.unknown++
    } else if (headers.operation === 'delete') {
      route.table.remove(key)
      counts.applied++
    } else {
      const validation = validateRow(route.schema, value)
      if (validation.kind === 'valid') {
        route.table.put(key, {
          row: validation.value,
          input: value,
          version: headers.txid ?? ordinal,
        })
        counts.applied++
      } else {
        issues = validation.issues
        refuse(event, issues, offset)
      }
    }
    if (headers.txid !== undefined) onTxId(headers.txid, issues)
  }

  function control({ headers }: ControlEvent): void {
    for (const table of tables.values()) CONTROLS[headers.control](table)
    if (headers.control !== 'reset') isInSnapshot = headers.control === 'snapshot-start'
  }

  return {
    counts,
    get isInSnapshot() {
      return isInSnapshot
    },
    route(json, offset) {
      const parsed = parseEvent(json)
      if (parsed.kind === 'change') change(parsed.event, offset)
      else if (parsed.kind === 'control') control(parsed.event)
      else refuse(json, parsed.issues, offset)
    },
    restart() {
      isInSnapshot = false
      ordinal = 0
      for (const table of tables.values()) {
        table.closeSnapshot()
        table.clear()
      }
    },
  }
}

const CONTROLS: Record<ControlEvent['headers']['control'], (table: Table) => void> = {
  'snapshot-start': (table) => table.openSnapshot(),
  'snapshot-end': (table) => table.closeSnapshot(),
  reset: (table) => table.clear(),
}
