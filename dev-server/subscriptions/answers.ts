import { JSON_CONTENT_TYPE } from '../../src/core/protocol.ts'
import { errorAnswer } from '../http/error-answer.ts'
import type { Answer } from '../http/answer.ts'
import type { Keys } from './keys.ts'

export const NO_CONTENT: Answer = { status: 204 }

export function jsonAnswer(
  status: number,
  value: object,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { 'content-type': JSON_CONTENT_TYPE, 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(value),
  }
}

/** The public keys that verify what webhooks get: RFC 7517. */
export function jwksAnswer({ kid, publicKey }: Keys): Answer {
  const keys = [{ ...publicKey, kid, use: 'sig', alg: 'EdDSA' }]
  const headers = {
    'content-type': 'application/jwk-set+json',
    'cache-control': 'public, max-age=300',
  }
  return jsonAnswer(200, { keys }, headers)
}

export function notFound(id: string): Answer {
  return errorAnswer(404, 'not-found', `There is no subscription "${id}": PUT it first`)
}

export function wrongMethod(method: string, allow: string): Answer {
  return errorAnswer(405, 'bad-request', `${method} is not one of ${allow} here`, { allow })
}

/** A webhook that will never be called. */
export function urlRejected(message: string): Answer {
  return jsonAnswer(400, { error: { code: 'WEBHOOK_URL_REJECTED', message } })
}

/** A worker whose wake is over. */
export function fenced(): Answer {
  const message = 'This wake is over: leave its work to whoever has the next one'
  return jsonAnswer(409, { error: { code: 'FENCED', message } })
}

export function alreadyClaimed(holder: string, generation: number): Answer {
  const message = `"${holder}" works on it: claim again after the next wake`
  const error = { code: 'ALREADY_CLAIMED', message, current_holder: holder, generation }
  return jsonAnswer(409, { error })
}

export function nothingToClaim(generation: number): Answer {
  const message = 'All is worked off: claim again after the next wake'
  return jsonAnswer(409, { error: { code: 'NO_PENDING_WORK', message, generation } })
}

export function badToken(): Answer {
  const message =
    'Send "Authorization: Bearer <token>" with the token that came with the wake or the claim'
  return errorAnswer(401, 'unauthorized', message, { 'www-authenticate': 'Bearer' })
}
