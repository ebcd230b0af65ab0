import { fromBase64Url, toBase64Url } from './base64url.ts'
import { documentRecord } from './subscription.ts'
import type { Storage } from '../storage/storage.ts'

/** Where the keys are stored, so that they outlive the process. */
const PATH = '__ds/signing-key'
const ED25519 = { name: 'Ed25519' }
const HMAC = { name: 'HMAC', hash: 'SHA-256' }

/** The secrets of the server: one signs what webhooks get, one seals tokens. Protocol section 9. */
export interface Keys {
  /** Names the public key that verifies {@link sign}: `ds_` and its JWK thumbprint, RFC 7638. */
  kid: string
  /** Public half, RFC 8037. */
  publicKey: { kty: 'OKP'; crv: 'Ed25519'; x: string }
  /** Ed25519 signature, base64url. */
  sign(text: string): Promise<string>
  /** HMAC-SHA256, base64url. */
  seal(text: string): Promise<string>
  /** Whether `mac` is what {@link seal} makes of `text`; takes as long for any wrong one. */
  isSeal(mac: string, text: string): Promise<boolean>
}

interface StoredKeys {
  /** Ed25519: private and public half. */
  d: string
  x: string
  /** Of the HMAC. */
  secret: string
}

/** Loads the keys of a storage; makes them if there are none. */
export async function loadKeys(storage: Storage, newId: () => string): Promise<Keys> {
  const stored = await storage.read(PATH, 0, 0)
  const found = stored?.record.document as StoredKeys | undefined
  return importKeys(found ?? (await storeKeys(storage, await generateKeys(), newId())))
}

/** Stores keys unless somebody else was faster. */
function storeKeys(storage: Storage, made: StoredKeys, id: string): Promise<StoredKeys> {
  return storage.update(PATH, (record) =>
    record
      ? { outcome: record.document as StoredKeys }
      : { outcome: made, change: { kind: 'create', record: documentRecord(id, made) } },
  )
}

async function generateKeys(): Promise<StoredKeys> {
  const pair = (await crypto.subtle.generateKey(ED25519, true, ['sign', 'verify'])) as CryptoKeyPair
  const { d, x } = await crypto.subtle.exportKey('jwk', pair.privateKey)
  const secret = toBase64Url(crypto.getRandomValues(new Uint8Array(32)))
  return { d: d!, x: x!, secret }
}

async function importKeys({ d, x, secret }: StoredKeys): Promise<Keys> {
  const publicKey = { kty: 'OKP', crv: 'Ed25519', x } as const
  const signing = await crypto.subtle.importKey('jwk', { ...publicKey, d }, ED25519, false, [
    'sign',
  ])
  const sealing = await crypto.subtle.importKey('raw', fromBase64Url(secret)!, HMAC, false, [
    'sign',
    'verify',
  ])
  return {
    kid: `ds_${await thumbprint(publicKey)}`,
    publicKey,
    sign: async (text) => encoded(await crypto.subtle.sign(ED25519, signing, utf8(text))),
    seal: async (text) => encoded(await crypto.subtle.sign(HMAC, sealing, utf8(text))),
    async isSeal(mac, text) {
      const bytes = fromBase64Url(mac)
      return bytes !== undefined && crypto.subtle.verify(HMAC, sealing, bytes, utf8(text))
    },
  }
}

/** RFC 7638: of the required members, in the order of their names. */
async function thumbprint({ kty, crv, x }: Keys['publicKey']): Promise<string> {
  return encoded(await crypto.subtle.digest('SHA-256', utf8(JSON.stringify({ crv, kty, x }))))
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>
}

function encoded(bytes: ArrayBuffer): string {
  return toBase64Url(new Uint8Array(bytes))
}
