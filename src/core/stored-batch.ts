import type { Batch } from './delivery.ts'
import type { StoredBatch } from './producer-options.ts'

/** A batch as JSON can say it. */
export function packBatch({ epoch, seq, count, close, body }: Batch): StoredBatch {
  const stored: StoredBatch = { epoch, seq, count, close }
  if (typeof body === 'string') stored.text = body
  else if (body) stored.latin1 = Array.from(body, (byte) => String.fromCharCode(byte)).join('')
  return stored
}

/** A batch that an earlier process made. Nobody knows whether it is stored. */
export function unpackBatch({ text, latin1, ...stored }: StoredBatch): Batch {
  const bytes = (): Uint8Array<ArrayBuffer> =>
    Uint8Array.from(latin1!, (character) => character.charCodeAt(0))
  const body = latin1 === undefined ? text : bytes()
  return { ...stored, body, size: body?.length ?? 0, mayBeStored: true }
}
