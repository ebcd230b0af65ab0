import type { LiveFetch } from '../live-fetch.ts'

/** What a request fails with that nobody answers any more, and that is to be asked again. */
export const MOVED: unique symbol = Symbol('moved')

/** The part that a tab plays among others: it leads, follows, or is alone. */
export interface Part {
  /** @throws {@link MOVED} when the part ends before there is an answer. */
  fetch: LiveFetch
  /** Whether it answers somebody, or waits for an answer. */
  isBusy(): boolean
  /** Takes what was said in the hall. */
  hear(said: Said): void
  /** Ends the bodies of answers, so that their readers ask again from where they are. */
  close(): void
}

/** What tabs say in the hall, the channel of all. */
export type Said = Partial<{
  /** By a follower that waits for a leader, on a channel of this name. */
  hello: string
  /** Whether it has heard of none yet. */
  isNew: boolean
  /** By a leader, of this term. */
  leads: string
  /** To the follower on the channel of this name: its leader knows it no more. */
  gone: string
}>
