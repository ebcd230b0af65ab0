import type { Persistence, Release } from '../../src/state/persistence/persistence.ts'

/** A tab that can die at any moment, as far as its network and its storage can tell. */
export interface DyingTab {
  fetch: typeof globalThis.fetch
  persistence: Persistence
  /** From now on nothing that it sends or writes arrives, and its locks are free. */
  die: () => void
  /** Whether its requests fail. */
  setOffline: (offline: boolean) => void
}

/** A new tab of a browser whose tabs share `storage`. */
export function openTab(storage: Persistence, network: typeof fetch = globalThis.fetch): DyingTab {
  const releases = new Set<Release>()
  let isDead = false
  let isOffline = false
  const never = new Promise<never>(() => {})
  const whileAlive = <Result>(work: () => Promise<Result>): Promise<Result> =>
    isDead ? never : work().then((result) => (isDead ? never : result))

  return {
    die() {
      isDead = true
      for (const release of releases) release()
    },
    setOffline(offline) {
      isOffline = offline
    },
    fetch: (input, init) =>
      whileAlive(async () => {
        if (isOffline) throw new TypeError('connect ENETUNREACH')
        return network(input, init)
      }),
    persistence: {
      list: (prefix) => whileAlive(() => storage.list(prefix)),
      async lock(name, options) {
        const release = await whileAlive(() => storage.lock(name, options))
        if (release) releases.add(release)
        return release
      },
      async open(name) {
        const journal = await whileAlive(() => storage.open(name))
        return {
          read: () => whileAlive(() => journal.read()),
          append: (records) => whileAlive(() => journal.append(records)),
          replace: (records) => whileAlive(() => journal.replace(records)),
          close: () => whileAlive(() => journal.close()),
        }
      },
    },
  }
}
