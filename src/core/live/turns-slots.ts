import type { Locks } from './tabs/environment.ts'

/** The connections of a host that all tabs have together. */
export interface Slots {
  /**
   * Does `work`, which never fails, while it holds a slot that no other tab holds.
   *
   * @param onContention is called when another tab has it; then it waits in line.
   */
  hold(name: string, work: () => Promise<void>, onContention: () => unknown): Promise<void>
  /** Leaves the lines that it waits in. */
  leave(): void
}

/** @param locks nothing where there are none: then each page counts for itself. */
export function createSlots(locks: Locks | undefined): Slots {
  let line = new AbortController()

  return {
    async hold(name, work, onContention) {
      let isHeld = false
      const take = (lock: unknown): Promise<void> | undefined => {
        if (lock === null) return
        isHeld = true
        return work()
      }
      const { signal } = line
      if (!locks) return work()
      try {
        await locks.request(name, { ifAvailable: true }, take)
        if (isHeld) return
        onContention()
        await locks.request(name, { signal }, take)
      } catch {
        // A page may be denied its locks: it does without.
        if (!isHeld && !signal.aborted) await work()
      }
    },
    leave() {
      line.abort(1)
      line = new AbortController()
    },
  }
}
