/** Who follows which streams; plain data, since it crosses process boundaries. */
export interface Plan {
  /** Streams that there are. */
  streams: number
  /** Clients, each with a connection of its own or several. */
  clients: number
  /** Streams that each client follows. */
  perClient: number
}

/** So far apart are the streams that a client follows: neighbours share some of theirs, not all. */
const STEP = 51

/**
 * The streams that a client follows: all of them if it is as many as there are; those of its own if
 * there are enough for all; else some, so that each stream has as many followers as any other.
 */
export function streamsOf({ streams, clients, perClient }: Plan, client: number): number[] {
  const isOwn = streams === clients * perClient
  return Array.from({ length: perClient }, (_, i) =>
    isOwn ? client * perClient + i : (client + i * STEP) % streams,
  )
}

export function subscriptions({ clients, perClient }: Plan): number {
  return clients * perClient
}
