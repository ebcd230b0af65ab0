import type { Persistence } from '../../src/state/persistence/persistence.ts'

/** One visit of a storage that may end at any moment, with what was being written lost. */
export interface MortalVisit {
  persistence: Persistence
  /** From now on nothing gets through, and others may have the locks: the page is gone. */
  die: () => void
}

/** @param writes how many writes get through before it dies by itself. */
export function mortalVisit(storage: Persistence, writes: number = Infinity): MortalVisit {
  const held = new Set<() => void>()
  let left = writes

  function die(): void {
    left = 0
    for (const release of held) release()
    held.clear()
  }

  async function write(act: () => Promise<void>): Promise<void> {
    if (left <= 0) return new Promise(() => {})
    left -= 1
    await act()
    if (left === 0) die()
  }

  return {
    die,
    persistence: {
      list: storage.list,
      async open(name) {
        const journal = await storage.open(name)
        return {
          ...journal,
          append: (records) => write(() => journal.append(records)),
          replace: (records) => write(() => journal.replace(records)),
        }
      },
      async lock(name, how) {
        const release = await storage.lock(name, how)
        if (!release) return undefined
        held.add(release)
        return () => {
          held.delete(release)
          release()
        }
      },
    },
  }
}
