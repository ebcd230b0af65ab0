import { loadStream, type Store } from './stream.ts'
import type { Slot } from './batch.ts'

/** The paths in use. Those that wait for no commit are forgotten when there are many. */
export interface Slots {
  /** What the store holds at a path, if anything. The same slot as long as it is in memory. */
  find(path: string): Slot
  /** Forgets one: the next to ask gets what is stored. */
  drop(slot: Slot): void
  /** Forgets slots and bytes, those unused for longest first, down to what may be kept. */
  shrink(): void
}

/** So many slots are looked at in a row, so that nobody waits for long. */
const LOOKS = 1000

/** How far memory may exceed what it should be, to spare what is in use. */
const SLACK = 1.25

export function createSlots(store: Store, maxSlots: number, maxBytes: number): Slots {
  const slots = new Map<string, Slot>()
  return {
    find(path) {
      const known = slots.get(path)
      if (known) {
        known.isUsed = true
        return known
      }
      const stream = loadStream(store, path)
      const slot = { path, now: stream, committed: stream, entry: undefined, isUsed: false }
      slots.set(path, slot)
      return slot
    },

    drop(slot) {
      if (slots.get(slot.path) === slot) slots.delete(slot.path)
      slot.now?.tail.forget()
      if (slot.committed !== slot.now) slot.committed?.tail.forget()
    },

    shrink() {
      let looks = Math.min(LOOKS, slots.size)
      for (const slot of slots.values()) {
        if (isWithin(1) || looks-- === 0) return
        // In use: spared at the first look, unless all are in use.
        const isSpared = slot.entry !== undefined || (slot.isUsed && isWithin(SLACK))
        slots.delete(slot.path)
        if (isSpared || slots.size < maxSlots) slots.set(slot.path, slot)
        if (!isSpared) slot.committed?.tail.forget()
        slot.isUsed = false
      }
    },
  }

  function isWithin(factor: number): boolean {
    return slots.size <= maxSlots * factor && store.meter.usedBytes <= maxBytes * factor
  }
}
