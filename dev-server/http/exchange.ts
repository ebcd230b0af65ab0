import type { RequestHeaders } from './parse-headers.ts'

/** One request, as either door gives it, and what there is to know of its caller. */
export interface Exchange {
  method: string
  /** The request target as it was sent: a path and query, or a whole URL. */
  url: string
  headers: RequestHeaders
  /** Scheme and authority by which the caller reached us, such as `https://a.example`. */
  origin: string | undefined
  /** Address of the caller, where the door knows it. */
  address: string | undefined
  /**
   * Reads the body.
   *
   * @throws {StreamError} `too-large` past `maxBytes`; `disconnected` if the caller goes away.
   */
  body(maxBytes: number): Promise<Uint8Array>
  /** Whether the caller went away. */
  readonly gone: boolean
  /** `listener` is called when the caller goes away; the last listener counts. */
  onGone(listener: () => void): void
  /** The request without its body, for rules that applications write. */
  request(): Request
}
