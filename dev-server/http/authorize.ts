import type { Answer } from './answer.ts'
import { errorAnswer } from './error-answer.ts'
import type { Exchange } from './exchange.ts'
import type { House } from './house.ts'
import type { StreamErrorCode } from '../../src/core/errors.ts'

/** What somebody wants to do with a stream; `subscribe` is any use of the reserved API. */
export type Action = (typeof ACTIONS)[number]

export const ACTIONS = ['create', 'read', 'append', 'close', 'delete', 'subscribe'] as const

/** One question to the rules of an application. */
export interface AuthorizeQuestion {
  action: Action
  /** The stream's path below the prefix, percent-decoded: `rooms/1`. */
  path: string
  /** The request without its body: its headers say who asks. */
  request: Request
}

/** What the rules answer: go on, or the status and words of a refusal. */
export type Verdict = { allowed: true } | { allowed: false; status: number; message: string }

/**
 * Says who may do what. It is asked before every operation, before the body is read: once per action,
 * so appending and closing in one request asks for both, and a fork asks to `read` its source.
 * If it throws, nobody may.
 */
export type Authorize = (question: AuthorizeQuestion) => Verdict | Promise<Verdict>

/** Goes on. */
export const allow: Verdict = { allowed: true }

/**
 * Refuses.
 *
 * @param status 401 (who are you?), 403 (not you; the default) or 404 (there is no such thing, to you)
 * @param message is told to the caller.
 */
export function deny(status: 401 | 403 | 404 = 403, message: string = WORDS[status]): Verdict {
  return { allowed: false, status, message }
}

const WORDS: Record<401 | 403 | 404, string> = {
  401: 'Say who you are: this server wants credentials',
  403: 'You may not do this here',
  404: 'There is no such stream',
}

const CODES: Record<number, StreamErrorCode> = { 401: 'unauthorized', 404: 'not-found' }

/**
 * Asks the application's rules.
 *
 * @returns the refusal, or nothing if the caller may.
 */
export async function refusal(
  { authorize, onError }: House,
  exchange: Exchange,
  path: string,
  actions: readonly Action[],
): Promise<Answer | undefined> {
  if (!authorize) return undefined
  const question = { path: readablePath(path), request: exchange.request() }
  for (const action of actions) {
    try {
      const verdict = await authorize({ action, ...question })
      if (verdict?.allowed !== true) return refusalAnswer(verdict)
    } catch (error) {
      onError(error)
      return errorAnswer(500, 'unavailable', 'The rules of access failed; it has been reported')
    }
  }
  return undefined
}

/** Rules written in JavaScript may answer anything: what does not allow, refuses. */
function refusalAnswer(verdict: Extract<Verdict, { allowed: false }> | undefined): Answer {
  const { status = 403, message = WORDS[403] } = verdict ?? {}
  const isRefusal = Number.isInteger(status) && status >= 400 && status < 500
  const challenge = status === 401 ? { 'www-authenticate': 'Bearer' } : {}
  return errorAnswer(isRefusal ? status : 403, CODES[status] ?? 'forbidden', message, challenge)
}

/** A path without percent-encoding, but of a slash within a segment, which is no separator. */
export function readablePath(path: string): string {
  const decode = (segment: string): string => decodeURIComponent(segment).replaceAll('/', '%2F')
  return path.split('/').map(decode).join('/')
}
