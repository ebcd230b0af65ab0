import { DEFAULT_PATH_PREFIX } from '../src/core/protocol.ts'
import { checkCount, checkFunction, invalidOption } from './option-checks.ts'
import type { Authorize } from './http/authorize.ts'
import type { Cors } from './http/cors.ts'
import type { CacheControl } from './http/house.ts'
import type { RateLimitOptions } from './http/rate-limit.ts'
import type { LifecycleEvent } from './operations/streams.ts'

/** How the reserved API behaves. Protocol section 9. */
export interface SubscriptionSettings {
  /** Lets webhooks be on this very machine, over plain http too: in development. Default `false`. */
  allowLocalWebhooks?: boolean
  /** Most subscriptions there may be. Default 1,000. */
  maxSubscriptions?: number
  /** Most streams that one subscription is linked to. Default 5,000. */
  maxLinks?: number
}

/** What both doors take. */
export interface CommonOptions {
  /** Path under which streams live. Default `/v1/stream`. */
  prefix?: string
  /**
   * Scheme and authority by which the world reaches this server, behind a proxy for instance: for
   * `Location`, and for the URLs that workers get. Default: as the caller reached it.
   */
  publicOrigin?: string
  /** Who may do what. Default: everybody everything. */
  authorize?: Authorize
  /** Is told of each stream that is created, closed or deleted, once that is durable. */
  onLifecycle?: (event: LifecycleEvent) => void
  /** Origins whose pages may call: `'*'` (the default), a list, or `false` to send no CORS headers. */
  cors?: Cors
  /** How long history may be kept: `'public'` (the default), `'private'`, or `'revalidate'`. */
  cacheControl?: CacheControl
  /** A long-poll is answered after so many milliseconds without news. Default 20,000. */
  longPollTimeoutMs?: number
  /** An SSE response ends after so many milliseconds. Default 60,000. */
  sseLifetimeMs?: number
  /** Expired streams are looked for every so many milliseconds. Default 60,000. */
  sweepIntervalMs?: number
  /** Longest request body, in bytes. Default 16 MiB. */
  maxBodyBytes?: number
  /** Most JSON messages in one append. Default 1,000,000. */
  maxMessagesPerAppend?: number
  /** Most streams there may be. Default 1,000,000. */
  maxStreams?: number
  /** Most exactly-once producers that one stream remembers: each page that writes is one. Default 100,000. */
  maxProducersPerStream?: number
  /**
   * Most live reads at once: each long-poll and SSE response is one, and so is each stream of a
   * multiplexed read. Default 100,000.
   */
  maxLiveReaders?: number
  /** Most streams that one multiplexed read may ask for. Default 1,000. */
  maxMultiplexedStreams?: number
  /** How fast one client may send requests. Default: no limit. */
  rateLimit?: RateLimitOptions
  /** The reserved API, `__ds`, which wakes workers; `false` for a server without. Default: on. */
  subscriptions?: SubscriptionSettings | false
  /** The clock that expiry and cursors go by, in milliseconds since 1970. Default `Date.now`. */
  now?: () => number
  /** Is told of failures that no caller caused. Default: a process warning. */
  onError?: (error: unknown) => void
}

type WithoutDefault = 'authorize' | 'onLifecycle' | 'rateLimit' | 'publicOrigin'

/** {@link CommonOptions}, each one usable. */
export type CheckedOptions = Required<Omit<CommonOptions, WithoutDefault | 'subscriptions'>> &
  Pick<CommonOptions, WithoutDefault> & {
    subscriptions: Required<SubscriptionSettings> | undefined
  }

/** @throws {StreamError} `invalid`, naming the value and what is allowed. */
export function checkOptions(options: CommonOptions): CheckedOptions {
  const count = <K extends keyof CommonOptions>(name: K, fallback: number): number =>
    checkCount(name, options[name] ?? fallback)
  return {
    prefix: checkPrefix(options.prefix ?? DEFAULT_PATH_PREFIX),
    cors: checkCors(options.cors ?? '*'),
    cacheControl: checkCacheControl(options.cacheControl ?? 'public'),
    longPollTimeoutMs: count('longPollTimeoutMs', 20_000),
    sseLifetimeMs: count('sseLifetimeMs', 60_000),
    sweepIntervalMs: count('sweepIntervalMs', 60_000),
    maxBodyBytes: count('maxBodyBytes', 16 * 1024 * 1024),
    maxMessagesPerAppend: count('maxMessagesPerAppend', 1_000_000),
    maxStreams: count('maxStreams', 1_000_000),
    maxProducersPerStream: count('maxProducersPerStream', 100_000),
    maxLiveReaders: count('maxLiveReaders', 100_000),
    maxMultiplexedStreams: count('maxMultiplexedStreams', 1_000),
    now: checkFunction('now', options.now) ?? Date.now,
    onError: reporter(checkFunction('onError', options.onError) ?? warn),
    subscriptions: checkSubscriptions(options.subscriptions ?? {}),
    ...checkRules(options),
  }
}

/** What has no default. */
function checkRules(options: CommonOptions): Pick<CommonOptions, WithoutDefault> {
  const authorize = checkFunction('authorize', options.authorize)
  const onLifecycle = checkFunction('onLifecycle', options.onLifecycle)
  const { rateLimit, publicOrigin } = options
  return {
    ...(publicOrigin !== undefined && { publicOrigin: checkOrigin(publicOrigin) }),
    ...(authorize && { authorize }),
    ...(onLifecycle && { onLifecycle }),
    ...(rateLimit && { rateLimit: checkRateLimit(rateLimit) }),
  }
}

/** A report that fails must not end the process, nor what was being done. */
function reporter(onError: (error: unknown) => void): (error: unknown) => void {
  return (error) => {
    try {
      onError(error)
    } catch (failure) {
      warn(failure)
    }
  }
}

function checkSubscriptions(
  settings: SubscriptionSettings | false,
): CheckedOptions['subscriptions'] {
  if (settings === false) return undefined
  if (typeof settings !== 'object' || settings === null) {
    throw invalidOption('subscriptions', settings, 'false or an object of settings')
  }
  const { maxSubscriptions = 1_000, maxLinks = 5_000 } = settings
  return {
    allowLocalWebhooks: settings.allowLocalWebhooks === true,
    maxSubscriptions: checkCount('subscriptions.maxSubscriptions', maxSubscriptions),
    maxLinks: checkCount('subscriptions.maxLinks', maxLinks),
  }
}

function checkOrigin(origin: unknown): string {
  if (typeof origin === 'string' && isOrigin(origin)) return origin
  throw invalidOption('publicOrigin', origin, "an origin such as 'https://a.example'")
}

/** Where failures go when nobody asked for them: to the host's own warnings, if it has them. */
function warn(error: unknown): void {
  const host = globalThis as {
    process?: { emitWarning?: (warning: Error) => void }
    reportError?: (error: unknown) => void
  }
  const warning = error instanceof Error ? error : new Error(String(error))
  if (host.process?.emitWarning) host.process.emitWarning(warning)
  else host.reportError?.(warning)
}

function checkPrefix(prefix: unknown): string {
  if (typeof prefix === 'string' && /^(\/[\w.~-]+)+$/.test(prefix)) return prefix
  throw invalidOption('prefix', prefix, "a path such as '/v1/stream', without a slash at its end")
}

function checkCors(cors: unknown): Cors {
  const isList = Array.isArray(cors) && cors.every(isOrigin)
  if (cors === '*' || cors === false || isList) return cors as Cors
  throw invalidOption('cors', cors, "'*', false or a list of origins such as ['https://a.example']")
}

/** As a browser sends it: scheme, host and, if unusual, port, without a slash at the end. */
function isOrigin(text: unknown): boolean {
  if (text === 'null') return true
  return (
    typeof text === 'string' && URL.canParse(text) && /^[a-z][a-z0-9+.-]*:\/\/[^/]+$/.test(text)
  )
}

function checkCacheControl(value: CacheControl): CacheControl {
  if (['public', 'private', 'revalidate'].includes(value)) return value
  throw invalidOption('cacheControl', value, "'public', 'private' or 'revalidate'")
}

function checkRateLimit(limit: RateLimitOptions): RateLimitOptions {
  const { requestsPerSecond, burst, clientOf } = limit
  if (!(requestsPerSecond > 0 && Number.isFinite(requestsPerSecond))) {
    throw invalidOption('rateLimit.requestsPerSecond', requestsPerSecond, 'a number above 0')
  }
  if (burst !== undefined) checkCount('rateLimit.burst', burst)
  checkFunction('rateLimit.clientOf', clientOf)
  return limit
}
