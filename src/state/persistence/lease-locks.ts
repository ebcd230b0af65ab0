import { onPageEvents, delay } from '../../core/delay.ts'
import { randomId } from '../../core/random-id.ts'
import { createLocalLocks, once } from './local-locks.ts'
import type { Persistence } from './persistence.ts'

/** Longer than the minute that a hidden tab may have to wait for its timers, in milliseconds. */
const LEASE_MS = 90_000
const RENEW_MS = 20_000
const ASK_MS = 300

/** Who holds a lock, and until when unless it says so again: milliseconds since 1970. */
export interface Lease {
  holder: string
  until: number
}

export interface LeaseLocksOptions {
  /** Changes one lease as one step among all tabs; nothing leaves it as it is. */
  update: (name: string, decide: (lease: Lease | undefined) => Lease | undefined) => Promise<void>
  remove: (name: string) => Promise<void>
  now?: () => number
}

/**
 * Locks for pages that the browser gives none: leases that the holder renews. A tab that crashed
 * holds its locks for up to 90 seconds more; one that was frozen for longer may find them taken.
 */
export function createLeaseLocks(options: LeaseLocksOptions): Persistence['lock'] {
  const { update, remove, now = Date.now } = options
  const locksOfPage = createLocalLocks()

  async function take(name: string, holder: string): Promise<boolean> {
    let isOurs = false
    await update(name, (lease) => {
      isOurs = !lease || lease.holder === holder || lease.until < now()
      return isOurs ? { holder, until: now() + LEASE_MS } : undefined
    })
    return isOurs
  }

  function hold(name: string, holder: string): () => void {
    const ended = new AbortController()
    const renewal = setInterval(() => void take(name, holder).catch(() => {}), RENEW_MS)
    const release = once(() => {
      ended.abort()
      clearInterval(renewal)
      remove(name).catch(() => {})
    })
    // The page that comes after a reload must not have to wait. One that comes back renews it.
    onPageEvents(['pagehide'], () => void remove(name).catch(() => {}), ended.signal)
    return release
  }

  return async (name, { wait, signal }) => {
    const release = await locksOfPage(name, { wait, signal })
    if (!release) return undefined
    const holder = randomId()
    try {
      while (!(await take(name, holder))) {
        if (!wait) {
          release()
          return undefined
        }
        await delay(ASK_MS, signal)
      }
    } catch (error) {
      release()
      throw error
    }
    const endLease = hold(name, holder)
    return once(() => {
      endLease()
      release()
    })
  }
}
