import { createTurns } from './in-turn.ts'
import type { Journal } from './persistence.ts'

export interface FallbackOptions {
  disk: Journal
  /** What the disk refused to take, by the name of the journal: all of its records. */
  refused: Map<string, readonly string[]>
  onRefused: (error: unknown) => void
}

/**
 * A journal on a disk that may be full: what it refuses to take stays in memory, with all that comes
 * after. When it takes the whole journal again, as a smaller one, memory is no longer needed.
 */
export function createFallbackJournal(name: string, options: FallbackOptions): Journal {
  const { disk, refused, onRefused } = options
  const turns = createTurns()

  async function append(records: readonly string[]): Promise<void> {
    const known = refused.get(name)
    if (known) return void refused.set(name, [...known, ...records])
    try {
      await disk.append(records)
    } catch (error) {
      onRefused(error)
      refused.set(name, [...(await disk.read().catch(() => [])), ...records])
    }
  }

  async function replace(records: readonly string[]): Promise<void> {
    try {
      await disk.replace(records)
      refused.delete(name)
    } catch (error) {
      onRefused(error)
      refused.set(name, [...records])
    }
  }

  return {
    read: () => turns.run(async () => refused.get(name) ?? disk.read()),
    append: (records) => turns.run(() => append(records)),
    replace: (records) => turns.run(() => replace(records)),
    close: () => turns.idle(),
  }
}
