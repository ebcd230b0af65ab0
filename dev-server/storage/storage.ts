/**
 * What the server remembers of one stream, besides its bytes and its producers. To a driver it is
 * one JSON object; of its fields a driver reads `id`, `tail`, `closed`, `softDeleted` and `fork.at`.
 */
export interface StreamRecord {
  /** Made anew by each creation: tells a stream from a later one at the same path. */
  id: string
  /** As the creator sent it, parameters included. */
  contentType: string
  /** Position after the last byte; an offset is a position. */
  tail: number
  closed: boolean
  /** Last accepted `Stream-Seq`. */
  seq?: string
  expiry: Expiry
  /** When it was created, in milliseconds since 1970. */
  createdAt?: number
  /** How many producers have written to it. */
  producers?: number
  /** Set on a fork: its bytes begin at `fork.at`, what lies below is read from the source. */
  fork?: Fork
  /** How many forks of it are alive. */
  forks?: number
  /** Deleted or expired, but kept as long as forks read its bytes. */
  softDeleted?: true
  /** State of a part of the server, such as a subscription, that is no stream: any JSON value. */
  document?: unknown
}

/** Where a stream branched off. Protocol section 7. */
export interface Fork {
  /** Path and id of the source. */
  path: string
  id: string
  /** Position at which the fork leaves its source: the end of what it inherits. */
  at: number
  /** 1 for the fork of a stream that is none, 2 for a fork of that, and so on. */
  depth?: number
  /** What its creator asked for, to know the same request again. */
  offset?: number
  subOffset?: number
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

/** What a rule wants: an answer for the caller and, if anything changes, the changes. */
export interface Decision<Outcome> {
  outcome: Outcome
  change?: Change
  /** Changes of the other streams that the update named, in that order. */
  otherChanges?: readonly (Change | undefined)[]
}

/** A pure rule: the streams as they stand, and the producer that asks, to a decision. */
export type Decide<Outcome> = (
  record: StreamRecord | undefined,
  producer: ProducerState | undefined,
  others: readonly (StreamRecord | undefined)[],
) => Decision<Outcome>

/** What an update concerns besides the stream itself. */
export interface UpdateScope {
  /** Id of the producer whose state the rule sees and may change. */
  producer?: string
  /** Paths of other streams that change in the same step. */
  others?: readonly string[]
}

/** A stream at one moment, and some of its bytes in order. No array is empty, nor written to again. */
export interface Slice {
  record: StreamRecord
  bytes: readonly Uint8Array[]
}

/** Where streams live. Every protocol rule lives above it. A path is an opaque key. */
export interface Storage {
  /**
   * Lets `decide` see the stream, the producer and the other streams of `scope`, and commits what it
   * decides: all changes or none, with no other update of those streams in between. Resolves once
   * the changes are durable. `decide` may run more than once; it must be pure.
   *
   * @throws whatever `decide` throws; nothing is changed then.
   * @throws {StreamError} `unavailable` if the changes cannot be stored now (status 507 for want of
   *   space); nothing is changed then.
   */
  update<Outcome>(path: string, decide: Decide<Outcome>, scope?: UpdateScope): Promise<Outcome>

  /**
   * At most `maxBytes` of the stream's own bytes from position `start` on; none past the tail, none
   * for a `start` below the first of them (a fork's begin at `fork.at`); nothing for no stream.
   */
  read(path: string, start: number, maxBytes: number): Promise<Slice | undefined>

  /** Up to `limit` streams whose paths sort after `after`, in the order of their UTF-16 code units. */
  list(after: string, limit: number): Promise<{ path: string; record: StreamRecord }[]>

  /**
   * Calls `listener` after each commit that readers of `path` can notice: bytes, closing, deletion
   * (soft or not), creation. `read` sees that commit by then.
   *
   * @returns a function that ends the watching.
   */
  watch(path: string, listener: () => void): () => void

  /** Waits for what is being committed and frees what the storage holds. Later calls reject. */
  close(): Promise<void>
}
