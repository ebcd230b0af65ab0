import { hubAddress } from '../hub-address.ts'
import type { LiveRequest } from '../live-fetch.ts'

/**
 * What requests have in common that may share a connection: where they are read, all of the query
 * that is the user's own, and the headers, so also the credentials.
 */
export function keyOf({ target, init, multiplex }: LiveRequest): string {
  const url = (multiplex && hubAddress(target, multiplex)?.url) ?? new URL('/', target)
  return JSON.stringify([url, [...new Headers(init.headers)]])
}
