import { fromBase64Url, toBase64Url } from './base64url.ts'
import type { Keys } from './keys.ts'
import type { WakeName } from './wake.ts'

/** No wake is worked on for longer; whoever is, claims again or is called again. */
const LIFETIME_MS = 24 * 60 * 60 * 1000

/** What a token says, and nobody but this server can. */
interface Claims extends WakeName {
  /** Identity of the subscription's record. */
  recordId: string
  /** Milliseconds since 1970. */
  expiresAt: number
}

/** Makes the bearer token of one wake: good for a day, and for that wake alone. Protocol section 9. */
export async function issueToken(
  keys: Keys,
  recordId: string,
  { wakeId, generation }: WakeName,
  now: number,
): Promise<string> {
  const claims: Claims = { recordId, wakeId, generation, expiresAt: now + LIFETIME_MS }
  const payload = toBase64Url(new TextEncoder().encode(JSON.stringify(claims)))
  return `${payload}.${await keys.seal(payload)}`
}

/** The wake that a token is for; nothing unless it is ours, of this subscription, and not expired. */
export async function readToken(
  keys: Keys,
  token: string,
  recordId: string,
  now: number,
): Promise<WakeName | undefined> {
  const [payload = '', mac = ''] = token.split('.', 2)
  if (!(await keys.isSeal(mac, payload))) return undefined
  const claims = JSON.parse(new TextDecoder().decode(fromBase64Url(payload))) as Claims
  if (claims.recordId !== recordId || claims.expiresAt <= now) return undefined
  return { wakeId: claims.wakeId, generation: claims.generation }
}
