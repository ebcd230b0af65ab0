import type { Locks } from './environment.ts'

/** A place that one tab has at a time: the next one has it once the last is gone. */
export interface Seat {
  /** Takes it from whoever has it. */
  steal(): void
  leave(): void
}

/**
 * @param onOurs is called when it is this tab's, and `onTheirs` when it is another's, at first and
 *   whenever that changes.
 * @param onRefused is called where there are no locks to be had.
 */
export function takeSeat(
  locks: Locks,
  name: string,
  onOurs: () => void,
  onTheirs: () => void,
  onRefused: () => void,
): Seat {
  let claim = new AbortController()
  let letGo: (() => void) | undefined

  const enter = (options: Parameters<Locks['request']>[1]): void => {
    const { signal } = claim
    let isOurs = false
    locks
      .request(name, options, (lock) => {
        if (signal.aborted) return
        if (!lock) return wait()
        isOurs = true
        onOurs()
        return new Promise<void>((resolve) => (letGo = resolve))
      })
      .catch(() => {
        if (signal.aborted) return
        // Another tab took it, since this one hung.
        if (isOurs) wait()
        else onRefused()
      })
  }
  const wait = (): void => {
    onTheirs()
    enter({ signal: claim.signal })
  }

  // At once when nobody has it: the first tab of all waits for no other.
  enter({ ifAvailable: true })
  return {
    steal() {
      claim.abort(1)
      claim = new AbortController()
      enter({ steal: true })
    },
    leave() {
      claim.abort(1)
      letGo?.()
    },
  }
}
