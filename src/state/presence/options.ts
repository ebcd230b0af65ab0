import { createEndpoint, type EndpointOptions } from '../../core/endpoint.ts'
import type { StreamError } from '../../core/errors.ts'

export interface PresenceOptions {
  /** Last segment of the presence stream's address, `<room>/<name>`. Default `presence`. */
  name?: string | undefined
  /** So long the presence stream outlives its last visitor, in seconds. Default 300. */
  ttlSeconds?: number | undefined
  /**
   * Who has not been heard for so long is gone, in milliseconds. Default 75,000, and for people who
   * are away never less: a browser lets a hidden page speak once a minute. Pages speak three times as
   * often, so all should be given the same.
   */
  expireAfterMs?: number | undefined
  /**
   * After so long without `update`, a key or a pointer we count as away, in milliseconds. Default:
   * never while the page is seen.
   */
  awayAfterMs?: number | undefined
  /** State is sent at most once in so many milliseconds; the last one wins. Default 50. */
  updateEveryMs?: number | undefined
  /** No more sessions than these are known, whatever comes in. Default 1,000. */
  maxSessions?: number | undefined
  /** How long we stay after the last subscriber has left, in milliseconds. Default 250. */
  releaseAfterMs?: number | undefined
  /** Told when the server refuses what we say of ourselves, and what ended the reading. */
  onError?: ((error: StreamError) => void) | undefined
}

/** A room: the URL of its stream, or with it what requests carry. */
export type PresenceRoom = string | URL | EndpointOptions

/**
 * How the presence stream of a room is reached.
 *
 * @throws {StreamError} `invalid` for a URL that is none.
 */
export function presenceEndpoint(room: PresenceRoom, name = 'presence'): EndpointOptions {
  const options = typeof room === 'string' || room instanceof URL ? { url: room } : room
  const { url } = createEndpoint(options)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${encodeURIComponent(name)}`
  return { ...options, url }
}
