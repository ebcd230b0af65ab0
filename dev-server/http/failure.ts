import { errorAnswer, expectedErrorAnswer } from './error-answer.ts'
import type { Answer } from './answer.ts'
import type { House } from './house.ts'

/** The answer to what was thrown; what nobody expected is reported. */
export function failureAnswer({ onError }: Pick<House, 'onError'>, error: unknown): Answer {
  const expected = expectedErrorAnswer(error)
  if (expected) return expected
  onError(error)
  return errorAnswer(500, 'unavailable', 'The server failed on this request; it has been reported')
}
