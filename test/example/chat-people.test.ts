import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { groupReactions } from '../../examples/rooms/src/chat/group-reactions.ts'
import { claimPerson, loadPerson, savePerson } from '../../examples/rooms/src/chat/identity.ts'
import { initials, newPerson } from '../../examples/rooms/src/chat/person.ts'
import { EMOJIS } from '../../examples/rooms/src/chat/schema.ts'

/** Longer than any test, in milliseconds. */
const A_MONTH = 2 ** 31 - 1

/** What a browser gives each tab. A duplicated tab starts with a copy. */
function tabStorage(content: Record<string, string> = {}): Storage {
  const items = new Map(Object.entries(content))
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  } as Storage
}

/** The locks of one browser, as far as tabs ask for them. */
function browserLocks(): { locks: LockManager; endPage: () => void } {
  let queue: (() => unknown)[] = []
  const request = (_: string, { signal }: LockOptions, hold: () => Promise<void>) =>
    new Promise((_, reject) => {
      if (queue.push(hold) === 1) return void hold()
      signal!.addEventListener('abort', () => {
        queue = queue.filter((waiting) => waiting !== hold)
        reject(signal!.reason)
      })
    })
  const endPage = (): void => {
    queue.shift()
    queue[0]?.()
  }
  return { locks: { request } as unknown as LockManager, endPage }
}

describe('a tab', () => {
  it('is the same person after a reload', async () => {
    const storage = tabStorage()
    const { locks, endPage } = browserLocks()
    const before = await claimPerson(storage, locks)
    endPage()
    expect(await claimPerson(storage, locks)).toEqual(before)
  })

  it('is the same person also when the page before it goes late', async () => {
    const { locks, endPage } = browserLocks()
    const goes = (): Promise<never> => new Promise(() => {})
    const before = newPerson('before')
    void locks.request(`rooms/person/${before.id}`, {}, goes)
    const storage = tabStorage({ 'rooms/person': JSON.stringify(before) })
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const after = claimPerson(storage, locks)
    await vi.advanceTimersByTimeAsync(9_000)
    endPage()
    expect(await after).toEqual(before)
  })

  it('keeps the name that it was given', () => {
    const storage = tabStorage()
    savePerson(storage, { ...loadPerson(storage), name: 'Ada' })
    expect(loadPerson(storage).name).toBe('Ada')
  })

  it('that was duplicated is somebody else', async () => {
    const { locks } = browserLocks()
    const first = await claimPerson(tabStorage(), locks)
    const copy = tabStorage({ 'rooms/person': JSON.stringify(first) })
    const second = await claimPerson(copy, locks, A_MONTH)
    expect(second.id).not.toBe(first.id)
    expect(loadPerson(copy)).toEqual(second)
  })

  it('that was duplicated is somebody else, whatever the first does', async () => {
    const { locks } = browserLocks()
    void locks.request('', {}, () => new Promise<never>(() => {}))
    const mute = newPerson('mute')
    const copy = tabStorage({ 'rooms/person': JSON.stringify(mute) })
    expect((await claimPerson(copy, locks, 1)).id).not.toBe(mute.id)
  })

  it.each(['', 'nonsense', '{"id": 5}', 'null'])(
    'that finds %j in its storage is somebody new',
    (text) => {
      expect(loadPerson(tabStorage({ 'rooms/person': text })).name).toMatch(
        /^[A-Z][a-z]+ [A-Z][a-z]+$/,
      )
    },
  )

  it('is somebody even where storage is switched off', async () => {
    const refuse = () => {
      throw new DOMException('The operation is insecure.', 'SecurityError')
    }
    const storage = { getItem: refuse, setItem: refuse } as unknown as Storage
    expect((await claimPerson(storage, undefined)).id).not.toBe('')
  })
})

it('a new person gets a name and a colour by chance', () => {
  expect(newPerson('1', () => 0)).toEqual({ id: '1', name: 'Bright Badger', hue: 0 })
  expect(newPerson('1', () => 0.999)).toEqual({ id: '1', name: 'Wise Seal', hue: 359 })
})

it.each([
  ['Quiet Heron', 'QH'],
  ['Ada', 'A'],
  ['  Ada  King  Lovelace ', 'AL'],
  ['élan vital', 'ÉV'],
  ['😀 face', '😀F'],
  ['', ''],
])('%j is %j on a badge', (name, letters) => {
  expect(initials(name)).toBe(letters)
})

it('reactions are counted by kind, in the order of the buttons, and know mine', () => {
  const [love, smile] = EMOJIS
  const by = (userId: string, emoji: (typeof EMOJIS)[number]) => ({ userId, emoji })
  const groups = groupReactions([by('me', smile), by('ada', smile), by('ada', love)], 'me')
  expect(groups.slice(0, 2)).toEqual([
    { emoji: love, count: 1, isMine: false },
    { emoji: smile, count: 2, isMine: true },
  ])
  expect(groups.map(({ emoji }) => emoji)).toEqual(EMOJIS)
})
