import { StreamError } from '../src/core/errors.ts'
import { DEFAULT_PATH_PREFIX } from '../src/core/protocol.ts'
import { memoryStorage } from './storage/memory.ts'
import type { Cors } from './http/cors.ts'
import type { CacheControl } from './http/house.ts'
import type { Storage } from './storage/storage.ts'

export interface HandlerOptions {
  /** Where streams live. A storage given as an object is not closed by the server. Default `'memory'`. */
  storage?: 'memory' | Storage
  /** Path under which streams live. Default `/v1/stream`. */
  prefix?: string
  /** Origins whose pages may call: `'*'` (the default), a list, or `false` to send no CORS headers. */
  cors?: Cors
  /** How long history may be kept: `'public'` (the default), `'private'`, or `'revalidate'`. */
  cacheControl?: CacheControl
  /** A long-poll is answered after so many milliseconds without news. Default 20,000. */
  longPollTimeoutMs?: number
  /** An SSE response ends after so many milliseconds. Default 60,000. */
  sseLifetimeMs?: number
  /** Longest request body, in bytes. Default 16 MiB. */
  maxBodyBytes?: number
  /** The clock that expiry and cursors go by, in milliseconds since 1970. Default `Date.now`. */
  now?: () => number
  /** Is told of failures that no caller caused. Default: a process warning. */
  onError?: (error: unknown) => void
}

export type CheckedOptions = Required<Omit<HandlerOptions, 'storage'>> & {
  storage: Storage
  /** Whether nobody else will close the storage. */
  ownsStorage: boolean
}

const MAX_TIMER_MS = 2 ** 31 - 1

/** @throws {StreamError} `invalid`, naming the value and what is allowed. */
export function checkOptions(options: HandlerOptions): CheckedOptions {
  const { storage = 'memory', cors = '*', cacheControl = 'public' } = options
  if (!['public', 'private', 'revalidate'].includes(cacheControl)) {
    throw invalid('cacheControl', cacheControl, "'public', 'private' or 'revalidate'")
  }
  return {
    prefix: checkPrefix(options.prefix ?? DEFAULT_PATH_PREFIX),
    cors: checkCors(cors),
    cacheControl,
    longPollTimeoutMs: checkCount('longPollTimeoutMs', options.longPollTimeoutMs ?? 20_000),
    sseLifetimeMs: checkCount('sseLifetimeMs', options.sseLifetimeMs ?? 60_000),
    maxBodyBytes: checkCount('maxBodyBytes', options.maxBodyBytes ?? 16 * 1024 * 1024),
    now: options.now ?? Date.now,
    onError: options.onError ?? warn,
    storage: openStorage(storage),
    ownsStorage: typeof storage === 'string',
  }
}

/** Where failures go when nobody asked for them. */
export function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error))
}

/** @throws {StreamError} `invalid` unless `port` can be listened on; 0 lets the system choose. */
export function checkPort(port: unknown): number {
  if (typeof port === 'number' && Number.isInteger(port) && port >= 0 && port <= 65_535) return port
  throw invalid('port', port, 'an integer from 0 to 65535')
}

/** @throws {StreamError} `invalid` unless `host` is some text. */
export function checkHost(host: unknown): string {
  if (typeof host === 'string' && host !== '') return host
  throw invalid('host', host, "a name or address such as '127.0.0.1'")
}

function openStorage(storage: unknown): Storage {
  if (storage === 'memory') return memoryStorage()
  if (typeof storage === 'object' && storage !== null && 'update' in storage) {
    return storage as Storage
  }
  throw invalid('storage', storage, "'memory' or an object that implements Storage")
}

function checkPrefix(prefix: unknown): string {
  if (typeof prefix === 'string' && /^(\/[\w.~-]+)+$/.test(prefix)) return prefix
  throw invalid('prefix', prefix, "a path such as '/v1/stream', without a slash at its end")
}

function checkCors(cors: unknown): Cors {
  const isList = Array.isArray(cors) && cors.every((origin) => typeof origin === 'string')
  if (cors === '*' || cors === false || isList) return cors as Cors
  throw invalid('cors', cors, "'*', false or a list of origins such as ['https://app.example']")
}

function checkCount(name: string, value: unknown): number {
  const isCount = typeof value === 'number' && Number.isInteger(value)
  if (isCount && value > 0 && value <= MAX_TIMER_MS) return value
  throw invalid(name, value, `an integer from 1 to ${MAX_TIMER_MS}`)
}

function invalid(name: string, value: unknown, allowed: string): StreamError {
  return new StreamError('invalid', `${name} cannot be ${show(value)}: use ${allowed}`)
}

function show(value: unknown): string {
  if (typeof value === 'string') return `"${value}"`
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? `{ ${Object.keys(value).join(', ')} }` : String(value)
}
