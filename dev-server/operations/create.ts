import { mediaType } from './content-type.ts'
import { touched, unexpired } from './expiry.ts'
import type { Decision, Expiry, StreamRecord } from '../storage/storage.ts'

export interface Create {
  /** Identity of the stream, should this command make it. */
  id: string
  contentType: string
  /** A sliding expiry starts at `now`. */
  expiry: Expiry
  closed: boolean
  /** First content, as it is stored; may be empty. */
  data: Uint8Array
}

export type CreateOutcome =
  | { kind: 'created'; record: StreamRecord }
  | { kind: 'exists'; record: StreamRecord }
  /** Another configuration; `difference` says which part. */
  | { kind: 'conflict'; record: StreamRecord; difference: string }

/** Decides a creation: made once, confirmed when asked for again. Protocol section 2. */
export function decideCreate(
  stored: StreamRecord | undefined,
  { id, contentType, expiry, closed, data }: Create,
  now: number,
): Decision<CreateOutcome> {
  const found = unexpired(stored, now)
  if (!found) {
    const record = { id, contentType, tail: data.length, closed, expiry }
    const append = data.length > 0 ? { append: data } : {}
    return { outcome: { kind: 'created', record }, change: { kind: 'create', record, ...append } }
  }

  const difference = firstDifference(found, { contentType, expiry, closed })
  if (difference) return { outcome: { kind: 'conflict', record: found, difference } }
  return touched(found, now, (record) => ({ kind: 'exists', record }))
}

function firstDifference(
  found: StreamRecord,
  wanted: Pick<StreamRecord, 'contentType' | 'expiry' | 'closed'>,
): string | undefined {
  if (mediaType(found.contentType) !== mediaType(wanted.contentType)) {
    return `its content type is ${found.contentType}, not ${wanted.contentType}`
  }
  if (!sameExpiry(found.expiry, wanted.expiry)) {
    return `it ${describeExpiry(found.expiry)}, not ${describeExpiry(wanted.expiry)}`
  }
  if (found.closed !== wanted.closed) return `it is ${found.closed ? 'closed' : 'open'}`
  return undefined
}

function sameExpiry(a: Expiry, b: Expiry): boolean {
  if (a.kind === 'sliding') return b.kind === 'sliding' && a.ttlSeconds === b.ttlSeconds
  if (a.kind === 'absolute') return b.kind === 'absolute' && Date.parse(a.at) === Date.parse(b.at)
  return b.kind === 'never'
}

function describeExpiry(expiry: Expiry): string {
  if (expiry.kind === 'sliding') return `expires ${expiry.ttlSeconds} s after its last use`
  return expiry.kind === 'absolute' ? `expires at ${expiry.at}` : 'never expires'
}
