import { describe, expect, it } from 'vitest'
import { groupReactions } from '../../examples/rooms/src/chat/group-reactions.ts'
import { claimPerson, loadPerson, savePerson } from '../../examples/rooms/src/chat/identity.ts'
import { initials, newPerson } from '../../examples/rooms/src/chat/person.ts'
import { EMOJIS } from '../../examples/rooms/src/chat/schema.ts'

/** What a browser gives each tab. A duplicated tab starts with a copy. */
function tabStorage(content: Record<string, string> = {}): Storage {
  const items = new Map(Object.entries(content))
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  } as Storage
}

/** The locks of one browser, as far as tabs ask for them: held until the page goes. */
function browserLocks(): LockManager {
  const held = new Set<string>()
  const request = async (name: string, { signal }: LockOptions, hold: () => Promise<void>) => {
    if (held.has(name)) return new Promise((_, reject) => signal!.addEventListener('abort', reject))
    held.add(name)
    return hold()
  }
  return { request } as unknown as LockManager
}

describe('a tab', () => {
  it('is the same person after a reload', async () => {
    const storage = tabStorage()
    const before = await claimPerson(storage, browserLocks())
    expect(await claimPerson(storage, browserLocks())).toEqual(before)
  })

  it('keeps the name that it was given', () => {
    const storage = tabStorage()
    savePerson(storage, { ...loadPerson(storage), name: 'Ada' })
    expect(loadPerson(storage).name).toBe('Ada')
  })

  it('that was duplicated is somebody else', async () => {
    const locks = browserLocks()
    const first = await claimPerson(tabStorage(), locks)
    const copy = tabStorage({ 'rooms/person': JSON.stringify(first) })
    const second = await claimPerson(copy, locks, 1)
    expect(second.id).not.toBe(first.id)
    expect(loadPerson(copy)).toEqual(second)
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
