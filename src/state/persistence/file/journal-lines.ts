import { createHash } from 'node:crypto'

/**
 * One step of a journal as one line: a digest and JSON. A line that a crash tore, or left with holes
 * where blocks of the disk were not written, does not fit its digest.
 */
export function encodeLine(value: unknown): string {
  const json = JSON.stringify(value)
  return `${digestOf(json)} ${json}\n`
}

export interface DecodedLines {
  values: unknown[]
  /** Where the first line that does not hold begins, in bytes: the end when all do. */
  goodBytes: number
}

/** Every line up to the first one that was not written whole. */
export function decodeLines(bytes: Buffer): DecodedLines {
  const values: unknown[] = []
  let start = 0
  for (;;) {
    const end = bytes.indexOf(0x0a, start)
    if (end < 0) return { values, goodBytes: start }
    const json = bytes.subarray(start + DIGEST_LENGTH + 1, end)
    if (bytes.toString('latin1', start, start + DIGEST_LENGTH) !== digestOf(json)) {
      return { values, goodBytes: start }
    }
    values.push(JSON.parse(json.toString()))
    start = end + 1
  }
}

const DIGEST_LENGTH = 16

/** A name of fixed length that is safe on every file system, whatever the journal is called. */
export function fileNameOf(journal: string): string {
  return createHash('sha256').update(JSON.stringify(journal)).digest('hex').slice(0, 40)
}

function digestOf(json: string | Buffer): string {
  return createHash('sha1').update(json).digest('hex').slice(0, DIGEST_LENGTH)
}
