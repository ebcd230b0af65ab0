import { JSON_CONTENT_TYPE } from '../../src/core/protocol.ts'
import type { StreamRecord } from '../storage/storage.ts'

/** What whoever made a subscription asked for. Protocol section 9. */
export interface Configuration {
  type: 'webhook' | 'pull-wake'
  /** Glob over the paths of streams. */
  pattern: string | null
  /** Paths of streams, sorted. */
  streams: readonly string[]
  webhookUrl: string | null
  wakeStream: string | null
  leaseTtlMs: number
  description: string | null
}

/** How far one stream has been worked off. */
export interface Link {
  path: string
  /** Named by somebody; otherwise it is here because the pattern matches. */
  explicit: boolean
  /** Position up to which it is worked off. */
  acked: number
  /** Identity of the stream that `acked` counts in; null before there is one. */
  streamId: string | null
  /** The stream was made anew during the wake of this generation, whose acks mean the old one. */
  renewedIn?: number
}

/** One call to work, from the moment it is issued until it is done, released or expired. */
export interface Wake {
  id: string
  /** Somebody knows of it: the webhook took it, or the wake event is in the wake stream. */
  sent: boolean
  /** Who works on it, and until when (milliseconds since 1970) unless they are heard of again. */
  lease: { holder: string; until: number } | null
  /** Sending it failed `attempt` times, and is tried again `at` (milliseconds since 1970). */
  retry: { attempt: number; at: number; reason: string } | null
}

/** All that is stored of a subscription: the `document` of its record. */
export interface Subscription {
  configuration: Configuration
  /** Scheme and authority by which its maker reached this server. */
  origin: string
  /** Milliseconds since 1970. */
  createdAt: number
  /** Sorted by path. */
  links: readonly Link[]
  /** How many wakes there were. */
  generation: number
  /** How many changes there were. */
  revision: number
  /** What is under way; null when idle. */
  wake: Wake | null
}

/** The subscription and the identity of its record, by which it differs from a later namesake. */
export interface StoredSubscription {
  recordId: string
  subscription: Subscription
}

const FOLDER = '__ds/subscriptions/'

/** Where the subscription called `name` is stored: `name` is one canonical path segment. */
export function pathOf(name: string): string {
  return FOLDER + name
}

/** The opposite of {@link pathOf}; nothing for another path. */
export function nameOf(path: string): string | undefined {
  return path.startsWith(FOLDER) ? path.slice(FOLDER.length) : undefined
}

/** The id of a subscription as its maker wrote it. */
export function idOf(name: string): string {
  return decodeURIComponent(name)
}

/** Sorts before the path of every subscription. */
export const BEFORE_ALL: string = FOLDER

/** A record that is no stream but keeps `document`. */
export function documentRecord(id: string, document: unknown): StreamRecord {
  return {
    id,
    contentType: JSON_CONTENT_TYPE,
    tail: 0,
    closed: false,
    expiry: { kind: 'never' },
    document,
  }
}

/** The subscription that a record keeps, if it keeps one. */
export function storedIn(record: StreamRecord | undefined): StoredSubscription | undefined {
  if (!record?.document) return undefined
  return { recordId: record.id, subscription: record.document as Subscription }
}
