import { CLOSED, PRODUCER_EPOCH, PRODUCER_EXPECTED_SEQ, PRODUCER_RECEIVED_SEQ } from './protocol.ts'
import { DurableStreamError, type Explain } from './response-error.ts'

/** The stream is closed and takes no more data. `offset` is its final one. */
export class StreamClosedError extends DurableStreamError {
  override readonly name: string = 'StreamClosedError'
}

/** Another writer with the same producer id has begun a newer epoch. Protocol section 4. */
export class StaleEpochError extends DurableStreamError {
  override readonly name: string = 'StaleEpochError'
  declare readonly currentEpoch: number
}

/** A producer's append came too early: the ones before it are missing. Protocol section 4. */
export class SequenceGapError extends DurableStreamError {
  override readonly name: string = 'SequenceGapError'
  declare readonly expectedSeq: number
  declare readonly receivedSeq: number
}

/** The stream did not end where `expectedOffset` said: somebody else appended. `offset` is its end. */
export class ExpectedOffsetError extends DurableStreamError {
  override readonly name: string = 'ExpectedOffsetError'
  declare readonly expectedOffset: string
}

/** A `seq` was not greater than the last one that the stream took. `offset` is the stream's end. */
export class SeqConflictError extends DurableStreamError {
  override readonly name: string = 'SeqConflictError'
  declare readonly seq: string
}

/** What a refused append means, by the headers of the refusal. Protocol sections 3 and 4. */
export const explainAppend: Explain = ({ headers }, code, message, options) => {
  const number = (name: string): number => Number(headers.get(name))
  if (code === 'conflict' && headers.get(CLOSED) === 'true') {
    return new StreamClosedError('closed', `${message}: the stream is closed`, options)
  }
  if (code === 'conflict' && headers.has(PRODUCER_EXPECTED_SEQ)) {
    const details = {
      ...options,
      expectedSeq: number(PRODUCER_EXPECTED_SEQ),
      receivedSeq: number(PRODUCER_RECEIVED_SEQ),
    }
    const said = `${message}: the server lost the data before it; read what is there`
    return new SequenceGapError(code, said, details)
  }
  if (code !== 'forbidden' || !headers.has(PRODUCER_EPOCH)) return undefined
  const details = { ...options, currentEpoch: number(PRODUCER_EPOCH) }
  return new StaleEpochError(code, message, details)
}

/**
 * Throws `error` again, as the conflict that it is: a 409 does not say by itself which of the
 * conditions that were sent it refuses. Protocol section 3.
 */
export function throwConflict(
  error: unknown,
  { seq, expectedOffset }: { seq?: string | undefined; expectedOffset?: string | undefined },
): never {
  const { name, code, message, status, offset } = error as DurableStreamError
  // Of the types that differ a server speaks, but in words alone.
  if (name === 'DurableStreamError' && code === 'conflict' && !/[- ]type/i.test(message)) {
    const details = { status, offset, cause: error, seq, expectedOffset }
    if (expectedOffset !== undefined && offset !== expectedOffset) {
      throw new ExpectedOffsetError(code, message, details)
    }
    if (seq !== undefined) throw new SeqConflictError(code, message, details)
  }
  throw error
}
