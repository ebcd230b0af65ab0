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

/** How long a page waits for another that neither lets go of its person nor says that it stays, in milliseconds. */
const RELEASE_WAIT_MS = 10_000

/**
 * Gives this tab a person that no other tab is. A duplicated tab starts with a copy of
 * `sessionStorage`; the first tab, which holds a lock, tells it to be someone else. A page that was
 * reloaded waits until its former self has let go, however slow the machine is.
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
  const others = new BroadcastChannel(name)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- A channel has one origin.
  const say = (word: 'free?' | 'taken'): void => others.postMessage(word)
  const waiting = new AbortController()
  const timer = setTimeout(() => waiting.abort(), waitMs)
  others.onmessage = ({ data }) => data === 'taken' && waiting.abort()
  return new Promise((resolve) => {
    const holdForEver = (): Promise<never> => {
      clearTimeout(timer)
      others.onmessage = ({ data }) => data === 'free?' && say('taken')
      // Also to those who asked a moment ago, when nobody had it.
      say('taken')
      resolve(true)
      return new Promise(() => {})
    }
    const giveUp = (): void => {
      clearTimeout(timer)
      others.close()
      resolve(false)
    }
    locks.request(name, { signal: waiting.signal }, holdForEver).catch(giveUp)
    say('free?')
  })
}
