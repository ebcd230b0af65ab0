import { type ConditionalRows, createConditions, type RowVersion } from './conditions.ts'
import type { ChangeEvent, ControlEvent, StateEvent } from './events.ts'
import { parseEvent } from './parse-event.ts'

const NOTHING: ReadonlyMap<string, unknown> = new Map()

/**
 * The rows that a stream of State Protocol events adds up to, by type and key: protocol section 10
 * in memory, with nothing else around it. Values are kept as they came, unchecked by any schema.
 *
 * A change with `headers.base` applies only while that is the version of its row.
 */
export class MaterializedState {
  readonly #rows = new Map<string, Map<string, unknown>>()
  readonly #versions = new Map<string, Map<string, RowVersion>>()
  /** By type, made once. */
  readonly #conditional = new Map<string, ConditionalRows>()
  #admits = createConditions()
  /** What the open snapshot has named so far, by type; none is open when undefined. */
  #named: Map<string, Set<string>> | undefined
  /** Changes so far: numbers the versions that no txid names. */
  #ordinal = 0

  /**
   * Applies one event. What is no well-formed event changes nothing, since a stream is untrusted
   * input; `parseEvent` says why.
   */
  apply(event: StateEvent): void {
    const parsed = parseEvent(event)
    if (parsed.kind === 'change') this.#change(parsed.event)
    if (parsed.kind === 'control') this.#control(parsed.event)
  }

  applyBatch(events: Iterable<StateEvent>): void {
    for (const event of events) this.apply(event)
  }

  get<Value = unknown>(type: string, key: string): Value | undefined {
    return this.#rows.get(type)?.get(key) as Value | undefined
  }

  /** The rows of a type by key, empty for a type without rows. A view: later events show in it. */
  getType(type: string): ReadonlyMap<string, unknown> {
    return this.#rows.get(type) ?? NOTHING
  }

  /** Forgets every row, and any open snapshot: what comes next is the beginning of a stream. */
  clear(): void {
    this.#rows.clear()
    this.#versions.clear()
    this.#admits = createConditions()
    this.#named = undefined
    this.#ordinal = 0
  }

  /** How many types have rows. */
  get typeCount(): number {
    return this.#rows.size
  }

  /** The types that have rows. */
  get types(): string[] {
    return [...this.#rows.keys()]
  }

  #change({ type, key, value, headers }: ChangeEvent): void {
    this.#ordinal++
    const rows = entryOf(this.#conditional, type, () => this.#ofType(type))
    if (!this.#admits(headers, key, rows)) return
    if (this.#named) entryOf(this.#named, type, () => new Set<string>()).add(key)
    if (headers.operation === 'delete') this.#remove(type, key)
    else this.#put(type, key, value, headers.txid ?? this.#ordinal)
  }

  #control({ headers: { control } }: ControlEvent): void {
    this.#admits = createConditions()
    switch (control) {
      case 'snapshot-start':
        this.#named = new Map()
        return
      case 'snapshot-end':
        if (this.#named) this.#keepOnly(this.#named)
        this.#named = undefined
        return
      case 'reset':
        this.#rows.clear()
        this.#versions.clear()
        return
      default:
        return control satisfies never
    }
  }

  #keepOnly(named: ReadonlyMap<string, ReadonlySet<string>>): void {
    for (const [type, rows] of this.#rows) {
      for (const key of rows.keys()) if (!named.get(type)?.has(key)) this.#remove(type, key)
    }
  }

  #put(type: string, key: string, value: unknown, version: RowVersion): void {
    entryOf(this.#rows, type, () => new Map<string, unknown>()).set(key, value)
    entryOf(this.#versions, type, () => new Map<string, RowVersion>()).set(key, version)
  }

  #remove(type: string, key: string): void {
    const rows = this.#rows.get(type)
    rows?.delete(key)
    this.#versions.get(type)?.delete(key)
    if (rows?.size === 0) this.#rows.delete(type)
  }

  #ofType(type: string): ConditionalRows {
    const get = (key: string): { version: RowVersion } | undefined => {
      const version = this.#versions.get(type)?.get(key)
      return version === undefined ? undefined : { version }
    }
    return {
      get,
      mark: (key) => {
        const before = get(key)
        const value = this.get(type, key)
        return () => {
          if (before) this.#put(type, key, value, before.version)
          else this.#remove(type, key)
        }
      },
    }
  }
}

function entryOf<Key, Entry>(map: Map<Key, Entry>, key: Key, create: () => Entry): Entry {
  const found = map.get(key)
  if (found !== undefined) return found
  const created = create()
  map.set(key, created)
  return created
}
