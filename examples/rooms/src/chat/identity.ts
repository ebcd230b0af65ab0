import { z } from 'zod'
import { newId } from '../shell/new-id.ts'
import { newPerson, type Person } from './person.ts'

const STORAGE_KEY = 'rooms/person'

const stored = z.object({
  id: z.string().min(1),
  name: z.string().min(1),
  hue: z.number(),
})

/** Who this tab is. Kept by the tab (`sessionStorage`), so a reload is the same person and a second tab another. */
export function loadPerson(storage: Storage): Person {
  try {
    const found = stored.safeParse(JSON.parse(storage.getItem(STORAGE_KEY) ?? 'null'))
    if (found.success) return found.data
  } catch {
    // Not ours, or storage is switched off: be someone new.
  }
  return newPerson(newId())
}

export function savePerson(storage: Storage, person: Person): void {
  try {
    storage.setItem(STORAGE_KEY, JSON.stringify(person))
  } catch {
    // Storage is full or switched off: a reload makes a new person.
  }
}

/** How long a reloaded page waits for its former self to let go of the name, in milliseconds. */
const RELEASE_WAIT_MS = 1000

/**
 * Gives this tab a person that no other tab is. A duplicated tab starts with a copy of
 * `sessionStorage`; the lock that the first tab holds tells it to be someone else.
 */
export async function claimPerson(
  storage: Storage,
  locks: LockManager | undefined,
  releaseWaitMs: number = RELEASE_WAIT_MS,
): Promise<Person> {
  const person = loadPerson(storage)
  const isOurs = !locks || (await hold(locks, `rooms/person/${person.id}`, releaseWaitMs))
  const claimed = isOurs ? person : newPerson(newId())
  savePerson(storage, claimed)
  return claimed
}

/** Takes the lock until the page goes. @returns false when another page keeps it. */
function hold(locks: LockManager, name: string, waitMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const holdForEver = (): Promise<never> => {
      resolve(true)
      return new Promise(() => {})
    }
    const signal = AbortSignal.timeout(waitMs)
    locks.request(name, { signal }, holdForEver).catch(() => resolve(false))
  })
}
