import type { Observable } from '../../core/observable.ts'
import type { Person, Presence } from './index.ts'
import { keep } from './people.ts'

/** What a state tells of somebody who is typing. */
export interface Typing {
  isTyping?: boolean | undefined
}

/** One who types on this page, in a field say. */
export interface Typist {
  /** Tells others. Typing ends by itself after a while in which this was not called again. */
  setTyping: (isTyping: boolean) => void
  /** Of a field: whoever changes its text is typing, until it is empty. */
  onInput: (event: { currentTarget: unknown }) => void
  /** Of a field: who leaves it types no more. */
  onBlur: () => void
}

/** @param tell is told whether anybody on this page types. */
export function createTypists(tell: (isTyping: boolean) => void): (quietMs: number) => Typist {
  const typing = new Map<object, ReturnType<typeof setTimeout>>()

  return (quietMs) => {
    const one = {}
    function setTyping(isTyping: boolean): void {
      clearTimeout(typing.get(one))
      if (isTyping)
        typing.set(
          one,
          setTimeout(() => setTyping(false), quietMs),
        )
      else if (!typing.delete(one)) return
      tell(typing.size > 0)
    }
    return {
      setTyping,
      onInput: ({ currentTarget }) =>
        setTyping((Object(currentTarget) as { value?: unknown }).value !== ''),
      onBlur: () => setTyping(false),
    }
  }
}

/** Others who type, on a page that is seen. It is `===` until that changes. */
export function watchTyping<State extends Typing>({
  getSnapshot,
  subscribe,
}: Presence<State>): Observable<readonly Person<State>[]> {
  let others: readonly Person<State>[] | undefined
  let typing: readonly Person<State>[] = []
  return {
    subscribe,
    getSnapshot() {
      const now = getSnapshot().others
      if (now !== others) {
        others = now
        const typesNow = ({ sessions }: Person<State>): boolean =>
          sessions.some(({ away, state }) => !away && state.isTyping === true)
        typing = keep(typing, now.filter(typesNow))
      }
      return typing
    },
  }
}
