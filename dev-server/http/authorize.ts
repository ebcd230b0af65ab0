/**
 * What somebody wants to do with a stream. `subscribe` is any use of the reserved API, but for what a
 * worker sends with a token of ours, and the public keys: those are not asked for.
 */
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

export const WORDS: Record<401 | 403 | 404, string> = {
  401: 'Say who you are: this server wants credentials',
  403: 'You may not do this here',
  404: 'There is no such stream',
}
