import { handled } from '../deferred.ts'
import type { Locks } from './tabs/environment.ts'

/** The connections of a host that all tabs have together. */
export interface Slots {
  /**
   * Does `work`, which never fails, while it holds a slot that no other tab holds.
   *
   * @param onContention is called when another tab has it; then it waits in line.
   */
  hold(name: string, work: () => Promise<void>, onContention: () => unknown): Promise<void>
  /** Whether another tab waits for a slot that this one holds. */
  isWanted(name: string): Promise<boolean>
  /** Leaves the lines that it waits in. */
  leave(): void
}

/** Who waits for a slot holds a lock of this name meanwhile, so that its holder can tell. */
const wish = (name: string): string => `${name} wanted`

/** @param locks nothing where there are none: then each page counts for itself. */
export function createSlots(locks: Locks | undefined): Slots {
  const lines = new Set<AbortController>()

  return {
    async hold(name, work, onContention) {
      if (!locks) return work()
      const line = new AbortController()
      const { signal } = line
      let isHeld = false
      const take = (lock: unknown): Promise<void> | undefined => {
        if (lock === null) return
        isHeld = true
        return work()
      }
      try {
        await locks.request(name, { ifAvailable: true }, take)
        if (isHeld) return
        onContention()
        lines.add(line)
        let held: Promise<unknown> | undefined
        const wait = (): Promise<void> =>
          new Promise((resolve) => {
            const enter = (lock: unknown): unknown => (resolve(), take(lock))
            held = handled(locks.request(name, { signal }, enter).finally(resolve))
          })
        await locks.request(wish(name), { signal }, wait)
        await held
      } catch {
        // A page may be denied its locks: it does without.
        if (!isHeld && !signal.aborted) await work()
      } finally {
        lines.delete(line)
      }
    },
    async isWanted(name) {
      let isWanted = false
      await locks
        ?.request(wish(name), { ifAvailable: true }, (lock) => (isWanted = lock === null))
        .catch(() => undefined)
      return isWanted
    },
    leave() {
      for (const line of lines) line.abort(1)
    },
  }
}
