import type { StreamErrorOptions } from './errors.ts'
import { HEADER, WRITE_HEADER } from './protocol.ts'
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

/** What a refused append means, by the headers of the refusal. Protocol sections 3 and 4. */
export const explainAppend: Explain = ({ status, headers }, message, options) => {
  if (status === 409 && headers.get(HEADER.closed) === 'true') {
    const said = /closed/i.test(message) ? message : `${message}: the stream is closed`
    return new StreamClosedError('closed', said, options)
  }
  const expectedSeq = headers.get(WRITE_HEADER.producerExpectedSeq)
  if (status === 409 && expectedSeq !== null) {
    const receivedSeq = Number(headers.get(WRITE_HEADER.producerReceivedSeq))
    return new SequenceGapError(message, { expectedSeq: Number(expectedSeq), receivedSeq }, options)
  }
  const epoch = headers.get(WRITE_HEADER.producerEpoch)
  if (status !== 403 || epoch === null) return undefined
  return new StaleEpochError(message, Number(epoch), options)
}
