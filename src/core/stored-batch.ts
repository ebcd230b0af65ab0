import type { Encoded } from './encode.ts'
import type { StoredBatch } from './producer-options.ts'

/** A batch until it is acknowledged. */
export interface Batch extends Omit<StoredBatch, 'body'> {
  /** Nothing only to close. */
  body: Encoded | undefined
  size: number
  isSent?: boolean
  /** A try of it left open if it is stored. */
  mayBeStored?: boolean
  /** Resolves when it would survive a crash. */
  kept?: Promise<void> | undefined
}

/** A batch as JSON can say it. */
export function packBatch({ epoch, seq, count, close, body = '' }: Batch): StoredBatch {
  const characters = (bytes: Uint8Array): string =>
    Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
  const text = typeof body === 'string' ? body : characters(body)
  return { epoch, seq, count, close, body: text }
}

/** A batch that an earlier process made. Nobody knows whether it is stored. */
export function unpackBatch({ body: text, ...stored }: StoredBatch, isJson: boolean): Batch {
  const bytes = (): Uint8Array<ArrayBuffer> =>
    Uint8Array.from(text, (character) => character.charCodeAt(0))
  const body = isJson ? text : bytes()
  return { ...stored, body: text ? body : undefined, size: text.length, mayBeStored: true }
}
