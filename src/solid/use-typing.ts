import { createMemo, onCleanup, untrack } from 'solid-js'
import type { TypingOptions } from '../state/presence/presence-of-hook.ts'
import type { Person } from '../state/presence/index.ts'
import type { Told } from '../state/presence/share-presence.ts'
import type { Typist } from '../state/presence/typing.ts'
import { useObservable } from './use-observable.ts'
import { type MeOf, useSharedPresence } from './use-shared-presence.ts'
import type { Key } from './use-shared-store.ts'

/** Who else is typing, which is a signal, and what tells them that we are. */
export interface TypingView<State> extends Typist {
  readonly typing: readonly Person<State>[]
}

/**
 * Who else in a room is typing, on a page that is seen. It takes part in the presence of the room as
 * `usePresence` does, which shows it as `isTyping` in the state of a person.
 *
 * @param urlOrKey @param me as for `usePresence`.
 * @param options as for `createPresence`, and `quietMs`: so long after the last word typing ends.
 * @throws {StreamError} as `usePresence`.
 *
 * @example
 * const room = useTyping('rooms/lobby', me)
 * return <textarea onInput={room.onInput} onBlur={room.onBlur} />
 */
export function useTyping<Me extends { id: string }>(
  urlOrKey: Key,
  me: MeOf<Me>,
  { quietMs = 3000, ...options }: TypingOptions = {},
): TypingView<Told<Me>> {
  const { presence } = useSharedPresence('useTyping', urlOrKey, me, options)
  const typist = createMemo(() => {
    const typist = presence().createTypist(quietMs)
    onCleanup(() => typist.setTyping(false))
    return typist
  })
  const typing = useObservable<readonly Person<Told<Me>>[]>(() => presence().typing, [])
  return {
    get typing() {
      return typing()
    },
    setTyping: (isTyping) => untrack(typist).setTyping(isTyping),
    onInput: (event) => untrack(typist).onInput(event),
    onBlur: () => untrack(typist).onBlur(),
  }
}
