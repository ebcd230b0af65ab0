import { parseOffset } from './stream-log.ts'
import type { Fail } from './witness.ts'

interface Entry {
  fate: 'waiting' | 'stored' | 'failed'
  author: string
  /** Its place among all stored messages. */
  place?: number
}

/** Holds what writers were told against what the server stored. */
export class Ledger {
  readonly #fail: Fail
  readonly #entries: Entry[] = []
  #places = 0
  /** Tail of the log after each place. */
  #tails: number[] = []

  constructor(fail: Fail) {
    this.#fail = fail
  }

  get stored(): number {
    return this.#places
  }

  get failed(): number {
    return this.#entries.filter(({ fate }) => fate === 'failed').length
  }

  /** @returns the numbers of messages that one author is about to write, in this order. */
  open(count: number, author = 'writer'): number[] {
    const first = this.#entries.length
    for (let i = 0; i < count; i++) this.#entries.push({ fate: 'waiting', author })
    return Array.from({ length: count }, (_, i) => first + i)
  }

  /** The server stored them, as one step. */
  onStored(ids: readonly number[], tail: number): void {
    for (const id of ids) {
      const entry = this.#entries[id]
      if (!entry) this.#fail(`message ${id} was stored and never written`)
      else if (entry.place === undefined) entry.place = this.#places
      else this.#fail(`message ${id} was stored twice`)
      this.#tails[this.#places++] = tail
    }
  }

  /** The writer was told that these are stored, next to each other. */
  acknowledged(ids: readonly number[], told?: { offset: string }): void {
    const offset = told ? parseOffset(told.offset) : undefined
    const first = this.#entries[ids[0]!]!.place
    ids.forEach((id, i) => {
      const entry = this.#entries[id]!
      entry.fate = 'stored'
      if (entry.place === undefined) this.#fail(`message ${id} was acknowledged and is not stored`)
      else if (entry.place !== first! + i) this.#fail(`message ${id} was torn from ${ids[0]}`)
      else if (offset !== undefined && offset < this.#tails[entry.place]!) {
        this.#fail(`message ${id} was acknowledged at ${offset}, before its end`)
      }
    })
  }

  /** The same for messages that need not be next to each other. */
  acknowledgedEach(ids: readonly number[], told?: { offset: string }): void {
    for (const id of ids) this.acknowledged([id], told)
  }

  refused(ids: readonly number[]): void {
    for (const id of ids) this.#entries[id]!.fate = 'failed'
  }

  /** Nothing is under way: acknowledged messages are stored in the order in which they were written. */
  check(): void {
    const last = new Map<string, number>()
    this.#entries.forEach(({ fate, author, place = -1 }, id) => {
      if (fate === 'waiting') this.#fail(`nobody was told what became of message ${id}`)
      if (fate !== 'stored') return
      if (place < (last.get(author) ?? -1))
        this.#fail(`message ${id} was stored before one that was written earlier`)
      last.set(author, place)
    })
  }
}
