/** What the server remembers of one stream, besides its bytes and its producers. */
export interface StreamRecord {
  /** Made anew by each creation: tells a stream from a later one at the same path. */
  id: string
  /** As the creator sent it, parameters included. */
  contentType: string
  /** How many bytes are stored; an offset is a position in them. */
  tail: number
  closed: boolean
  /** Last accepted `Stream-Seq`. */
  seq?: string
  expiry: Expiry
}

/** When a stream ends by itself. Times are milliseconds since 1970. */
export type Expiry =
  | { kind: 'never' }
  /** So long after it was last used. */
  | { kind: 'sliding'; ttlSeconds: number; usedAt: number }
  /** At a moment, kept as the RFC 3339 text that its creator sent. */
  | { kind: 'absolute'; at: string }

/** How far an exactly-once producer has come. */
export interface ProducerState {
  epoch: number
  seq: number
}

/** One indivisible step in the life of a stream. */
export type Change =
  /** A new stream; whatever was at the path before is forgotten. */
  | { kind: 'create'; record: StreamRecord; append?: Uint8Array }
  | {
      kind: 'update'
      record: StreamRecord
      /** Bytes that follow the old tail. The driver may keep this array: nobody writes to it again. */
      append?: Uint8Array
      /** New state of the producer that the update was asked for. */
      producer?: ProducerState
    }
  | { kind: 'delete' }

/** What a rule wants: an answer for the caller and, if anything changes, the change. */
export interface Decision<Outcome> {
  outcome: Outcome
  change?: Change
}

/** A pure rule: the stream as it stands, and the producer that asks, to a decision. */
export type Decide<Outcome> = (
  record: StreamRecord | undefined,
  producer: ProducerState | undefined,
) => Decision<Outcome>

/** A stream at one moment, and some of its bytes in order. Nobody writes to these arrays. */
export interface Slice {
  record: StreamRecord
  bytes: readonly Uint8Array[]
}

/** Where streams live. Every protocol rule lives above it. A path is an opaque key. */
export interface Storage {
  /**
   * Lets `decide` see the stream (and the state of the producer named `producerId`) and commits what
   * it decides, whole or not at all, with no other update of that stream in between. Resolves once
   * the change is durable. `decide` may run more than once; it must be pure.
   *
   * @throws whatever `decide` throws; nothing is changed then.
   */
  update<Outcome>(path: string, decide: Decide<Outcome>, producerId?: string): Promise<Outcome>

  /** At most `maxBytes` bytes from position `start` on; no bytes past the tail; nothing for no stream. */
  read(path: string, start: number, maxBytes: number): Promise<Slice | undefined>

  /** Up to `limit` streams whose paths sort after `after`, in the order of their paths. */
  list(after: string, limit: number): Promise<{ path: string; record: StreamRecord }[]>

  /**
   * Calls `listener` after each commit that readers of `path` can notice: bytes, closing, deletion,
   * creation. `read` sees that commit by then.
   *
   * @returns a function that ends the watching.
   */
  watch(path: string, listener: () => void): () => void

  /** Frees what the storage holds. Whatever is called afterwards rejects. */
  close(): Promise<void>
}
