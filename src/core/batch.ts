/** Where a reader stands in a stream. */
export interface Position {
  /** Opaque token from the server: store it, send it back, never look inside. */
  offset: string
  /** Echoed to the server so that caches can tell live requests apart. */
  cursor?: string | undefined
}

/** One arrival from the wire: some data, and where the reader stands after it. */
export interface Batch {
  /** In order: bytes, or text where the wire (SSE) carried text. Each part of a JSON stream is a whole array. */
  parts: readonly (Uint8Array | string)[]
  next: Position
  /** Nothing more was stored when the server answered. */
  upToDate: boolean
  /** Nothing more will ever be stored. */
  closed: boolean
}

/** A batch of a JSON stream, parsed. */
export interface JsonBatch<Item = unknown> extends Omit<Batch, 'parts'> {
  items: Item[]
}
