import type { StoreKind } from '../../../src/state/store/entry.ts'
import { type Action, EMPTY, idOf, type List, reduceList } from './list-app.ts'
import type { Stored } from './simulated-server.ts'

/** One event that counts, and how many events there were with it. */
interface Counted {
  id: string
  at: number
}

/** How things are after some events of a log. */
export interface Place {
  state: List
  /** Events until here that could not be read. */
  malformed: number
}

interface Json {
  type?: unknown
  key?: unknown
  value?: Action
  headers?: { operation?: string; txid?: string; base?: string; control?: string } | null
}

/**
 * What docs/decisions/0002 says that a log means, in the simplest words, to hold the real fold
 * against. It reads as far as the log has come, and knows the state at each place.
 */
export class NaiveFold {
  readonly places: Place[] = [{ state: EMPTY, malformed: 0 }]
  /** In order. */
  readonly counted: Counted[] = []
  /** What is wrong with the log itself: an update that counts, and was computed from something else. */
  readonly faults: { id: string; what: string }[] = []
  readonly #kind: StoreKind
  readonly #log: readonly Stored[]
  #state: List = EMPTY
  #version = 'initial'
  #unnamed = 0
  #malformed = 0

  constructor(kind: StoreKind, log: readonly Stored[]) {
    this.#kind = kind
    this.#log = log
  }

  at(position: number): Place {
    for (let i = this.places.length - 1; i < position; i++) {
      this.#take(JSON.parse(this.#log[i]!.text) as Json | null)
      this.places.push({ state: this.#state, malformed: this.#malformed })
    }
    return this.places[position]!
  }

  /** Ids of those that count among the first events. */
  seen(position: number): Set<string> {
    this.at(position)
    return new Set(this.counted.filter(({ at }) => at <= position).map(({ id }) => id))
  }

  #take(event: Json | null): void {
    if (event?.headers?.control === 'reset') {
      this.#state = EMPTY
      this.#version = 'initial'
    } else if (this.#isOurs(event)) this.#change(event)
    else this.#malformed++
  }

  #isOurs(event: Json | null): event is Json & { value: Action; headers: object } {
    const { type, key, value, headers } = event ?? {}
    return (
      type === this.#kind &&
      (type === 'action' ? key !== '' : key === 'value') &&
      value !== undefined &&
      ['insert', 'update', 'upsert'].includes(headers?.operation ?? '') &&
      headers!.txid !== ''
    )
  }

  #change({ value, headers }: Json & { value: Action }): void {
    const { txid, base } = headers!
    if (base !== undefined && base !== this.#version) return
    const isSame = JSON.stringify(value) === JSON.stringify(this.#state)
    if (base === undefined || !isSame) {
      const id = idOf(value)
      if (base !== undefined) this.#checkUpdate(id, value as List)
      this.counted.push({ id, at: this.places.length })
    }
    try {
      this.#state = reduceList(this.#state, value)
    } catch {
      // Everyone skips it, and knows that it was there.
    }
    this.#version = txid ?? `untagged-${++this.#unnamed}`
  }

  #checkUpdate(id: string, value: List): void {
    const before = JSON.stringify(value.slice(0, -1))
    const real = JSON.stringify(this.#state)
    if (before === real) return
    this.faults.push({ id, what: `${id} counts on ${real}, and was computed from ${before}` })
  }
}
