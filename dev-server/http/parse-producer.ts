import { StreamError } from '../../src/core/errors.ts'
import { PRODUCER_EPOCH, PRODUCER_ID, PRODUCER_SEQ } from '../../src/core/protocol.ts'
import type { ProducerClaim } from '../operations/producer.ts'
import type { RequestHeaders } from './parse-headers.ts'

/** Of an id, which drivers use in a key. */
const MAX_ID_LENGTH = 256
/** Of what a refusal repeats. */
const SHOWN = 40

/**
 * The `Producer-*` headers: all three, or none. Protocol section 4.
 *
 * @throws {StreamError} `bad-request` for anything in between, or an id of more than 256 characters.
 */
export function parseProducer(headers: RequestHeaders): ProducerClaim | undefined {
  const id = headers[PRODUCER_ID]
  const epoch = headers[PRODUCER_EPOCH]
  const seq = headers[PRODUCER_SEQ]
  if (id === undefined && epoch === undefined && seq === undefined) return undefined
  if (!id || epoch === undefined || seq === undefined) {
    throw new StreamError(
      'bad-request',
      'Producer-Id (not empty), Producer-Epoch and Producer-Seq go together: send all three or none',
    )
  }
  if (id.length > MAX_ID_LENGTH) {
    throw new StreamError(
      'bad-request',
      `Producer-Id is ${id.length} characters long: use at most ${MAX_ID_LENGTH}`,
    )
  }
  return { id, epoch: parseCount('Producer-Epoch', epoch), seq: parseCount('Producer-Seq', seq) }
}

function parseCount(name: string, text: string): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && Number.isSafeInteger(count)) return count
  throw new StreamError(
    'bad-request',
    `${name} must be an integer from 0 to 2^53-1, in digits; got "${text.slice(0, SHOWN)}"`,
  )
}
