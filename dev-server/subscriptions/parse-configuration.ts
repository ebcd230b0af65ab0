import { bad, checkInteger, checkList, checkPath, checkText, isObject } from './json-body.ts'
import { parseGlob } from './glob.ts'
import { checkNames } from './membership.ts'
import type { Fields } from './json-body.ts'
import type { Configuration } from './subscription.ts'

const MAX_PATTERN = 1024
const MAX_DESCRIPTION = 1024
const MAX_URL = 2048
const MIN_LEASE_MS = 1_000
const MAX_LEASE_MS = 600_000
const DEFAULT_LEASE_MS = 30_000

/** Members of the body that makes a subscription. Protocol section 9. */
export const CONFIGURATION_FIELDS: readonly string[] = [
  'type',
  'pattern',
  'streams',
  'webhook',
  'wake_stream',
  'lease_ttl_ms',
  'description',
]

/**
 * Reads what a subscription shall be, in its one normal form. A member that is null counts as missing.
 *
 * @param maxLinks how many streams it may name
 * @throws {StreamError} `bad-request`, naming the member and what is allowed.
 */
export function parseConfiguration(fields: Fields, maxLinks: number): Configuration {
  const type = checkType(fields['type'])
  const pattern = fields['pattern'] ?? null
  const streams = fields['streams'] == null ? [] : checkStreams(fields['streams'], maxLinks)
  if (pattern === null && streams.length === 0) {
    throw bad('Say which streams are meant: by pattern, such as "events/*", or by streams')
  }
  const configuration: Configuration = {
    type,
    pattern:
      pattern === null ? null : parseGlob(checkText('pattern', pattern, MAX_PATTERN)).pattern,
    streams,
    ...parseDelivery(type, fields),
    leaseTtlMs: parseLease(fields['lease_ttl_ms'] ?? DEFAULT_LEASE_MS),
    description: fields['description'] == null ? null : parseDescription(fields['description']),
  }
  checkNames(streams, configuration.wakeStream)
  return configuration
}

/**
 * Paths of streams, each once, sorted.
 *
 * @throws {StreamError} `bad-request`.
 */
export function checkStreams(value: unknown, maxLinks: number): readonly string[] {
  const list = checkList('streams', value)
  if (list.length > maxLinks) throw bad(`streams names ${list.length}: at most ${maxLinks} can be`)
  return [...new Set(list.map((path) => checkPath('streams', path)))].sort()
}

/** Which part of two configurations differs first; nothing if they are the same. */
export function firstDifference(a: Configuration, b: Configuration): string | undefined {
  const names = Object.keys(a) as (keyof Configuration)[]
  return names.find((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]))
}

function checkType(type: unknown): Configuration['type'] {
  if (type === 'webhook' || type === 'pull-wake') return type
  throw bad('type must be "webhook" or "pull-wake"')
}

function parseDelivery(
  type: Configuration['type'],
  fields: Fields,
): Pick<Configuration, 'webhookUrl' | 'wakeStream'> {
  const webhook = fields['webhook'] ?? null
  const wakeStream = fields['wake_stream'] ?? null
  if (type === 'webhook') {
    if (wakeStream !== null) throw bad('wake_stream is for the type "pull-wake": leave it out')
    return { webhookUrl: parseWebhook(webhook), wakeStream: null }
  }
  if (webhook !== null) throw bad('webhook is for the type "webhook": leave it out')
  return { webhookUrl: null, wakeStream: checkPath('wake_stream', wakeStream ?? undefined) }
}

function parseWebhook(webhook: unknown): string {
  const stranger = isObject(webhook) && Object.keys(webhook).find((name) => name !== 'url')
  if (!isObject(webhook) || stranger) {
    throw bad('webhook must be an object such as {"url": "https://worker.example/hook"}')
  }
  const text = checkText('webhook.url', webhook['url'], MAX_URL)
  if (!URL.canParse(text)) throw bad(`webhook.url "${text.slice(0, 60)}" is not a URL`)
  const url = new URL(text)
  url.hash = ''
  return url.href
}

function parseLease(value: unknown): number {
  return checkInteger('lease_ttl_ms', value, MIN_LEASE_MS, MAX_LEASE_MS)
}

function parseDescription(value: unknown): string {
  return value === '' ? '' : checkText('description', value, MAX_DESCRIPTION)
}
