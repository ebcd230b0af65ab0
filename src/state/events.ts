/** What a change does to a row. Protocol section 10. */
export type Operation = 'insert' | 'update' | 'delete' | 'upsert'

export interface ChangeHeaders {
  operation: Operation
  /** Names the transaction that the change belongs to; its writer recognises it by this. */
  txid?: string
  /** When it was written, RFC 3339. */
  timestamp?: string
  /** Who wrote it. */
  from?: string
  offset?: string
  /**
   * Version of the row that the change was computed from: the txid that made it, or as text its
   * number among all changes of the stream. Readers skip the change when the row has moved on.
   */
  base?: string
}

/** One change to one row. Protocol section 10. */
export interface ChangeEvent<Value = unknown> {
  /** Which kind of row; a schema maps it to a collection. */
  type: string
  key: string
  /** The whole row as JSON; absent only when it is deleted. */
  value?: Value
  /** The row before the change, where the writer knew it. */
  old_value?: Value
  headers: ChangeHeaders
}

/** Says something about the stream, not about one row. Protocol section 10. */
export interface ControlEvent {
  headers: {
    control: 'snapshot-start' | 'snapshot-end' | 'reset'
    offset?: string
    /** Of a reset: the version of what is empty after it. */
    txid?: string
  }
}

export type StateEvent<Value = unknown> = ChangeEvent<Value> | ControlEvent
