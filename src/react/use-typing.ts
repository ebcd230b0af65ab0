import { useEffect, useSyncExternalStore } from 'react'
import type { TypingOptions } from '../state/presence/presence-of-hook.ts'
import type { Person } from '../state/presence/index.ts'
import type { Told } from '../state/presence/share-presence.ts'
import type { Typist } from '../state/presence/typing.ts'
import { useHeld } from './use-held.ts'
import { useSharedPresence } from './use-shared-presence.ts'

/** Who else is typing, and what tells them that we are. */
export interface TypingView<State> extends Typist {
  typing: readonly Person<State>[]
}

const NOBODY: readonly never[] = []

/**
 * Who else in a room is typing, on a page that is seen. It takes part in the presence of the room as
 * `usePresence` does, which shows it as `isTyping` in the state of a person.
 *
 * @param urlOrKey @param me as for `usePresence`.
 * @param options as for `createPresence`, and `quietMs`: so long after the last word typing ends.
 * @throws {StreamError} in render, as `usePresence`.
 *
 * @example
 * const { typing, setTyping, onInput, onBlur } = useTyping('rooms/lobby', me)
 * return <textarea onInput={onInput} onBlur={onBlur} />
 */
export function useTyping<Me extends { id: string }>(
  urlOrKey: string,
  me: Me,
  { quietMs = 3000, ...options }: TypingOptions = {},
): TypingView<Told<Me>> {
  const presence = useSharedPresence('useTyping', urlOrKey, me, options)
  const typist = useHeld(presence, quietMs, () => presence.createTypist(quietMs))
  useEffect(() => () => typist.setTyping(false), [typist])
  const { subscribe, getSnapshot } = presence.typing
  const typing = useSyncExternalStore(subscribe, getSnapshot, () => NOBODY)
  return { typing, ...typist }
}
