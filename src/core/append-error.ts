import type { StreamErrorOptions } from './errors.ts'
import { CLOSED, WRITE_HEADER } from './protocol.ts'
import { DurableStreamError, type Explain } from './response-error.ts'

/** The stream is closed and takes no more data. `offset` is its final one. */
export class StreamClosedError extends DurableStreamError {
  override readonly name: string = 'StreamClosedError'
}

/** Another writer with the same producer id has begun a newer epoch. Protocol section 4. */
export class StaleEpochError extends DurableStreamError {
  override readonly name: string = 'StaleEpochError'
  readonly currentEpoch: number

  constructor(message: string, currentEpoch: number, options: StreamErrorOptions) {
    super('forbidden', message, options)
    this.currentEpoch = currentEpoch
  }
}

/** A producer's append came too early: the ones before it are missing. Protocol section 4. */
export class SequenceGapError extends DurableStreamError {
  override readonly name: string = 'SequenceGapError'
  readonly expectedSeq: number
  readonly receivedSeq: number

  constructor(
    message: string,
    numbers: { expectedSeq: number; receivedSeq: number },
    options: StreamErrorOptions,
  ) {
    super('conflict', message, options)
    this.expectedSeq = numbers.expectedSeq
    this.receivedSeq = numbers.receivedSeq
  }
}

/** The stream did not end where `expectedOffset` said: somebody else appended. `offset` is its end. */
export class ExpectedOffsetError extends DurableStreamError {
  override readonly name: string = 'ExpectedOffsetError'
  readonly expectedOffset: string

  constructor(message: string, expectedOffset: string, options: StreamErrorOptions) {
    super('conflict', message, options)
    this.expectedOffset = expectedOffset
  }
}

/** A `seq` was not greater than the last one that the stream took. `offset` is the stream's end. */
export class SeqConflictError extends DurableStreamError {
  override readonly name: string = 'SeqConflictError'
  readonly seq: string

  constructor(message: string, seq: string, options: StreamErrorOptions) {
    super('conflict', message, options)
    this.seq = seq
  }
}

/**
 * Throws `error` again, as the conflict that it is: a 409 does not say by itself which of the
 * conditions that were sent it refuses. Protocol section 3.
 */
export function throwConflict(
  error: unknown,
  { seq, expectedOffset }: { seq?: string | undefined; expectedOffset?: string | undefined },
): never {
  if (error instanceof DurableStreamError && error.name === 'DurableStreamError') {
    const { code, message, offset, status = 409 } = error
    const options = { cause: error, status, ...(offset !== undefined && { offset }) }
    if (code === 'conflict' && !/[- ]type/i.test(message)) {
      if (expectedOffset !== undefined && offset !== expectedOffset) {
        throw new ExpectedOffsetError(`${message}: read on, then decide`, expectedOffset, options)
      }
      if (seq !== undefined) throw new SeqConflictError(message, seq, options)
    }
  }
  throw error
}

/** What a refused append means, by the headers of the refusal. Protocol sections 3 and 4. */
export const explainAppend: Explain = ({ status, headers }, message, options) => {
  if (status === 409 && headers.get(CLOSED) === 'true') {
    const said = /closed/i.test(message) ? message : `${message}: the stream is closed`
    return new StreamClosedError('closed', said, options)
  }
  const expectedSeq = headers.get(WRITE_HEADER.producerExpectedSeq)
  if (status === 409 && expectedSeq !== null) {
    const receivedSeq = Number(headers.get(WRITE_HEADER.producerReceivedSeq))
    const said = `${message}: writes before it are missing, or lost by the server; read what is there`
    return new SequenceGapError(said, { expectedSeq: Number(expectedSeq), receivedSeq }, options)
  }
  const epoch = headers.get(WRITE_HEADER.producerEpoch)
  if (status !== 403 || epoch === null) return undefined
  return new StaleEpochError(message, Number(epoch), options)
}
