import type { JsonBatch } from '../../../src/core/batch.ts'
import { EMPTY, type List } from './list-app.ts'
import { parseOffset } from './simulated-server.ts'
import type { StoreWorld } from './store-world.ts'

/** What a page may show when it says that it has read so far. */
export interface Place {
  life: number
  position: number
  isCaughtUp: boolean
  /** Shown until then: half a history is nothing to look at. */
  before: List
}

/** All that a page was given of the stream, in all of its lives. */
export class StoreReading {
  /** Ids that it was given. */
  readonly seen: Set<string> = new Set()
  readonly #world: StoreWorld
  readonly #places = new Map<string, Place>()
  #at: Place = { life: 0, position: 0, isCaughtUp: false, before: EMPTY }
  #malformed = 0

  constructor(world: StoreWorld) {
    this.#world = world
    this.#places.set('-1', this.#at)
  }

  take({ offset, upToDate }: JsonBatch): void {
    const { life, position } = parseOffset(offset)!
    let { isCaughtUp, before } = this.#at
    if (life !== this.#at.life) {
      if (isCaughtUp) before = this.#world.fold(this.#at.life).at(this.#at.position).state
      this.#see()
      this.#malformed += this.#malformedHere()
      isCaughtUp = false
    }
    isCaughtUp ||= upToDate
    this.#at = { life, position, isCaughtUp, before }
    this.#places.set(offset, this.#at)
  }

  /** @returns nothing where no batch ended. */
  placeOf(offset: string): Place | undefined {
    return this.#places.get(offset) ?? this.#begin(offset)
  }

  /** How many events that could not be read were among them. */
  get malformed(): number {
    return this.#malformed + this.#malformedHere()
  }

  /** Where it found itself: a page of the same browser was there before. */
  #begin(offset: string): Place | undefined {
    const { plan, server } = this.#world
    const at = parseOffset(offset)
    if (plan.keeps === 'nothing' || !at || at.life > server.life) return undefined
    const { state } = this.#world.fold(at.life).at(at.position)
    const place = { ...at, isCaughtUp: false, before: state }
    this.#places.set(offset, place)
    if (this.#at.life === 0) this.#at = place
    return place
  }

  #malformedHere(): number {
    const { life, position } = this.#at
    return life === 0 ? 0 : this.#world.fold(life).at(position).malformed
  }

  #see(): void {
    const { life, position } = this.#at
    if (life === 0) return
    for (const id of this.#world.fold(life).seen(position)) this.seen.add(id)
  }
}
