import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'

/** What the global `fetch` of this process has done since it was watched. */
export interface FetchTraffic {
  readonly requests: number
  /** Answers that have not ended yet. */
  readonly answersOpen: number
  /** Bytes that came over all connections, all headers and framing included. */
  readonly bytesRead: number
}

export function watchFetch(): FetchTraffic {
  const sockets: Socket[] = []
  let requests = 0
  let ended = 0
  subscribe('undici:request:create', () => void requests++)
  subscribe('undici:request:trailers', () => void ended++)
  subscribe('undici:request:error', () => void ended++)
  subscribe('undici:client:connected', (message) => {
    sockets.push((message as { socket: Socket }).socket)
  })
  return {
    get requests() {
      return requests
    },
    get answersOpen() {
      return requests - ended
    },
    get bytesRead() {
      return sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0)
    },
  }
}
