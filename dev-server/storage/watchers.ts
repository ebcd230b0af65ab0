/** Who wants to hear of the changes of which stream. */
export interface Watchers {
  /** @returns a function that ends the watching. */
  watch(path: string, listener: () => void): () => void
  notify(path: string): void
  clear(): void
}

export function createWatchers(): Watchers {
  const watchers = new Map<string, Set<() => void>>()
  return {
    watch(path, listener) {
      const listeners = watchers.get(path) ?? new Set()
      watchers.set(path, listeners.add(listener))
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0 && watchers.get(path) === listeners) watchers.delete(path)
      }
    },
    notify(path) {
      const listeners = watchers.get(path)
      if (listeners) for (const listener of [...listeners]) listener()
    },
    clear: () => watchers.clear(),
  }
}
