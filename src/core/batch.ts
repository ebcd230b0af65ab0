/** Where a reader stands in a stream. */
export interface Position {
  /** Opaque token from the server: save it, and resume there: nothing is lost, nothing repeated. */
  offset: string
  /** Echoed to the server so that caches can tell live requests apart. */
  cursor?: string | undefined
}

/** Where a reader stands after what it is given. */
export interface Arrival extends Position {
  /** Nothing more was stored when the server answered. */
  upToDate: boolean
  /** Nothing more will ever be stored: the stream is closed. */
  streamClosed: boolean
}

/** One arrival from the wire: some data, and where the reader stands after it. */
export interface Batch extends Arrival {
  /** In order: bytes, or text where the wire carried text. Each part of a JSON stream is a whole array. */
  parts: readonly (Uint8Array | string)[]
}

/** A batch of a JSON stream, parsed. */
export interface JsonBatch<Item = unknown> extends Arrival {
  items: Item[]
}

export interface TextArrival extends Arrival {
  text: string
}

export interface BytesArrival extends Arrival {
  data: Uint8Array
}
