import type { StreamErrorCode } from '../../src/core/errors.ts'
import { WORDS, type Action, type Verdict } from './authorize.ts'
import { errorAnswer } from './error-answer.ts'
import type { Answer } from './answer.ts'
import type { Exchange } from './exchange.ts'
import type { House } from './house.ts'

const CODES: Record<number, StreamErrorCode> = { 401: 'unauthorized', 404: 'not-found' }

/**
 * Asks the application's rules.
 *
 * @returns the refusal, or nothing if the caller may.
 */
export async function refusal(
  { authorize, onError }: House,
  exchange: Pick<Exchange, 'request'>,
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
function readablePath(path: string): string {
  const decode = (segment: string): string => decodeURIComponent(segment).replaceAll('/', '%2F')
  return path.split('/').map(decode).join('/')
}
