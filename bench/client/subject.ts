import { blankMessage } from '../harness/message.ts'

/** What was read of a stream of {@link messageBatch}es, and how long it took. */
export interface Reading {
  /** From the request until the last message was there. */
  ms: number
  /** Bytes by which the process grew after its first third. Undefined where it was not asked. */
  grownBytes?: number
  /** The same when the JSON of each event is parsed too, where that is not part of `ms`. */
  parsedMs?: number
}

/** A live reader that waits for messages. */
export interface Follower {
  /** Resolves once it is live: an append from now on reaches it at once. */
  ready: Promise<unknown>
  stop(): void
}

/** A client, or the least code that does the same. Each way of reading throws when a message is wrong. */
export interface Subject {
  /** Reads all with a callback that keeps nothing. */
  catchUp(url: string, count: number): Promise<Reading>
  /** Reads all into one array. */
  json(url: string, count: number): Promise<Reading>
  /** Reads all as a stream of items. */
  jsonStream(url: string, count: number): Promise<Reading>
  /** Reads events of one message each. */
  events(url: string, count: number): Promise<Reading>
  /** Reads one event with one text of so many characters. */
  bigEvent(url: string, characters: number): Promise<Reading>
  /** Writes so many objects one by one, and waits until all are stored. */
  write(url: string, count: number): Promise<Reading>
  /** Follows a stream from its end. */
  follow(
    url: string,
    live: 'sse' | 'long-poll',
    onMessages: (messages: readonly Message[]) => void,
  ): Follower
}

/** A message as it is parsed. */
export interface Message {
  n: string
}

const { n: _, ...REST } = JSON.parse(blankMessage()) as Message

/** A message that is to be written. */
export function messageAt(number: number): Message {
  return { n: String(number).padStart(8, '0'), ...REST }
}
