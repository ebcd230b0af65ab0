import { type Message, messageBatch, stampMessage } from '../../harness/message.ts'

/** Which update of which stream; both count from 0. */
export interface Update {
  stream: number
  sequence: number
}

// A message has room for the numbers of a thousand writers.
const WRITERS = 1000
const MOST_UPDATES = 100_000

/** The body of an append of one message. */
export function encodeUpdate({ stream, sequence }: Update, sentUs: number): Buffer {
  const body = messageBatch(0, 0, 1)
  stampMessage(body, 1, {
    writer: stream % WRITERS,
    number: Math.floor(stream / WRITERS) * MOST_UPDATES + sequence,
    sentUs,
  })
  return body
}

export function streamOf({ writer, number }: Pick<Message, 'writer' | 'number'>): number {
  return Math.floor(number / MOST_UPDATES) * WRITERS + writer
}

export function sequenceOf({ number }: Pick<Message, 'number'>): number {
  return number % MOST_UPDATES
}

/** Where a stream lives, below the address of all. */
export function pathOf(stream: number): string {
  return `updates/${stream}`
}
