/** What a server remembers of one producer. Protocol section 4. */
interface Known {
  epoch: number
  seq: number
  /** Its writer has seen that its first write of this epoch was stored. */
  isFirstKnown: boolean
  /** So has the writer of each earlier epoch. */
  wasFirstKnown: boolean
}

export interface Claim {
  id: string
  epoch: number
  seq: number
}

export type Verdict =
  | { kind: 'accept' }
  | { kind: 'duplicate'; epoch: number; seq: number }
  | { kind: 'stale'; epoch: number }
  | { kind: 'gap'; expected: number }
  | { kind: 'bad-epoch' }

/** The producers of one stream. */
export class Producers {
  readonly #known = new Map<string, Known>()
  readonly #remembered = new Set<string>()

  /**
   * Never forgets this one: when its writer dies too, nobody is left who knows what was stored.
   */
  remember(id: string): void {
    this.#remembered.add(id)
  }

  judge({ id, epoch, seq }: Claim): Verdict {
    const known = this.#known.get(id)
    if (!known) return seq === 0 ? { kind: 'accept' } : { kind: 'gap', expected: 0 }
    if (epoch < known.epoch) return { kind: 'stale', epoch: known.epoch }
    if (epoch > known.epoch) return seq === 0 ? { kind: 'accept' } : { kind: 'bad-epoch' }
    if (seq <= known.seq) return { kind: 'duplicate', epoch, seq: known.seq }
    return seq === known.seq + 1 ? { kind: 'accept' } : { kind: 'gap', expected: known.seq + 1 }
  }

  accept({ id, epoch, seq }: Claim): void {
    const known = this.#known.get(id)
    if (known && seq > 0) known.seq = seq
    else {
      const wasFirstKnown = !known || (known.isFirstKnown && known.wasFirstKnown)
      this.#known.set(id, { epoch, seq, isFirstKnown: false, wasFirstKnown })
    }
  }

  /** The writer was told that this write is stored. */
  told({ id, epoch, seq }: Claim): void {
    const known = this.#known.get(id)
    if (known?.epoch === epoch && seq === 0) known.isFirstKnown = true
  }

  /**
   * The server forgets its producers. One whose first write is stored but not known to be is kept:
   * sent again it would be taken for new, and no client could do anything about it.
   */
  forget(): number {
    const before = this.#known.size
    for (const [id, { isFirstKnown, wasFirstKnown }] of this.#known) {
      if (isFirstKnown && wasFirstKnown && !this.#remembered.has(id)) this.#known.delete(id)
    }
    return before - this.#known.size
  }
}
