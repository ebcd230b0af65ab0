import type { Batch } from './batch.ts'

/** Where a subscriber stands after what it is given. */
export interface Arrival {
  /** Save it, and resume there: nothing is lost, nothing repeated. */
  offset: string
  cursor: string | undefined
  /** Nothing more was stored when the server answered. */
  upToDate: boolean
  /** This is the last: the stream is closed. */
  streamClosed: boolean
}

export interface JsonArrival<Item> extends Arrival {
  items: readonly Item[]
}

export interface TextArrival extends Arrival {
  text: string
}

export interface BytesArrival extends Arrival {
  data: Uint8Array
}

export function arrivalOf({ next, upToDate, closed }: Omit<Batch, 'parts'>): Arrival {
  return { offset: next.offset, cursor: next.cursor, upToDate, streamClosed: closed }
}
