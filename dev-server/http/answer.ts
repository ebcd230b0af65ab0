import type { LiveResponse } from './live-response.ts'

/** An answer, as a value; a door writes it. Header names are lower case. */
export interface Answer {
  status: number
  headers?: Readonly<Record<string, string>>
  /** The whole body, or what goes on writing it while it is read. */
  body?: string | readonly Uint8Array[] | Live
}

/**
 * An answer that comes when there is news. A door that was given one keeps nothing else for it: there
 * may be very many who wait.
 */
export interface LaterAnswer {
  /** `answer` is called once, unless the caller goes away before. */
  whenReady(answer: (answer: Answer) => void): void
}

/** Writes a body that grows; resolves at its end, which it does not announce. Never rejects. */
export type Live = (response: LiveResponse) => Promise<void>

/** On every answer, errors included: nothing is sniffed, and pages of any origin may embed it. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cross-origin-resource-policy': 'cross-origin',
}

/** Whether an answer of this status to this method has no body. */
export function isBare(status: number, method: string): boolean {
  return status === 204 || status === 304 || method === 'HEAD'
}
