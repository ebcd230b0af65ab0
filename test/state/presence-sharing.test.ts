import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { withChanges } from '../../src/state/presence/changes.ts'
import { sharePresence } from '../../src/state/presence/share-presence.ts'
import { createTypists } from '../../src/state/presence/typing.ts'

describe('what a component tells anew of us', () => {
  it('changes what it told before, and nothing that was told by other ways', () => {
    const state = { name: 'Ann', cursor: [1, 2], mood: 'fine' }
    const before = { name: 'Ann', cursor: null }
    const now = { name: 'Anne', cursor: null }
    expect(withChanges(state, before, now, true)).toEqual({ ...state, name: 'Anne' })
  })

  it('drops what it tells no more, if it was the one who told it', () => {
    const state = { name: 'Ann', title: 'Dr' }
    expect(withChanges(state, state, { name: 'Ann' }, true)).toEqual({ name: 'Ann' })
    expect(withChanges(state, state, { name: 'Ann' }, false)).toEqual(state)
  })
})

describe('the presence of a page', () => {
  it('is one for a room, a person and what requests carry', () => {
    const room = { url: 'http://room.test/v1/stream/lobby' }
    const ann = { id: 'ann', name: 'Ann' }
    const presence = sharePresence(room, ann, {})
    expect(sharePresence({ ...room }, { ...ann, name: 'Anne' }, {})).toBe(presence)
    expect(sharePresence(room, { ...ann, id: 'bob' }, {})).not.toBe(presence)
    expect(sharePresence(room, ann, { name: 'pointers' })).not.toBe(presence)
    expect(sharePresence({ ...room, headers: { token: 'a' } }, ann, {})).not.toBe(presence)
    const other = { url: 'http://room.test/v1/stream/other' }
    expect(sharePresence(other, ann, {})).not.toBe(presence)
  })

  it('has what each of two components tells, whichever is rendered again', () => {
    const room = { url: 'http://room.test/v1/stream/two' }
    const small = { id: 'ann', name: 'Ann' }
    const large = { ...small, color: 'red' }
    const presence = sharePresence<{ id: string; name: string; color?: string }>(room, small, {})
    const [tellSmall, tellLarge] = [presence.createTeller(), presence.createTeller()]
    tellSmall(small)
    tellLarge(large)
    tellSmall({ ...small })
    expect(presence.getSnapshot().me.state).toEqual({ name: 'Ann', color: 'red' })
    tellSmall({ ...small, name: 'Anne' })
    tellLarge({ ...large, color: 'blue' })
    expect(presence.getSnapshot().me.state).toEqual({ name: 'Anne', color: 'blue' })
  })
})

describe('typing', () => {
  it('lasts as long as one of all fields is typed in, each until it has been quiet', () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const told: boolean[] = []
    const createTypist = createTypists((isTyping) => told.push(isTyping))
    const [one, other] = [createTypist(3000), createTypist(3000)]
    one.setTyping(true)
    vi.advanceTimersByTime(2000)
    one.setTyping(true)
    other.onInput({ currentTarget: { value: 'a' } })
    vi.advanceTimersByTime(2000)
    expect(told.at(-1)).toBe(true)
    other.onInput({ currentTarget: { value: '' } })
    expect(told.at(-1)).toBe(true)
    vi.advanceTimersByTime(1000)
    expect(told.at(-1)).toBe(false)
    const count = told.length
    one.onBlur()
    other.setTyping(false)
    expect(told).toHaveLength(count)
  })
})
