import { StreamError } from '../../src/core/errors.ts'
import { formatOffset } from '../operations/offset.ts'
import type { Link, Subscription } from './subscription.ts'

/** A stream as a subscription sees it. */
export interface Tail {
  streamId: string
  /** Position after its last byte. */
  position: number
}

/** What is known of streams: by path, their tail, or null where there is no stream. */
export type Tails = ReadonlyMap<string, Tail | null>

/** How far a worker came with one stream. */
export interface Ack {
  path: string
  position: number
  /** The stream that was meant, where that is known. */
  streamId?: string
}

/** Whether the stream has bytes that nobody has worked off. */
export function isPending({ path, streamId, acked }: Link, tails: Tails): boolean {
  const tail = tails.get(path)
  return !!tail && tail.position > (tail.streamId === streamId ? acked : 0)
}

/** A new link to a stream that is worked off so far as it goes now. */
export function linkAtTail(path: string, explicit: boolean, tail: Tail | null | undefined): Link {
  return { path, explicit, acked: tail?.position ?? 0, streamId: tail?.streamId ?? null }
}

/**
 * `links` with those of `added` that are new; of those there already, `explicit` is noted.
 *
 * @param links sorted by path, as the result is
 */
export function addLinks(links: readonly Link[], added: readonly Link[]): readonly Link[] {
  const merged: Link[] = []
  let changed = false
  let next = 0
  for (const link of added.toSorted(byPathOrder)) {
    while (next < links.length && links[next]!.path < link.path) merged.push(links[next++]!)
    const known = merged.at(-1)?.path === link.path ? merged.pop() : links[next]
    if (known?.path !== link.path) {
      merged.push(link)
      changed = true
      continue
    }
    if (known === links[next]) next++
    merged.push(known.explicit || !link.explicit ? known : { ...known, explicit: true })
    changed ||= merged.at(-1) !== known
  }
  if (!changed) return links
  while (next < links.length) merged.push(links[next++]!)
  return merged
}

/** `links` without the explicit one to `path`; it stays as a link of the pattern if that matches. */
export function removeExplicit(
  links: readonly Link[],
  path: string,
  isMatched: boolean,
): readonly Link[] {
  if (!links.some((link) => link.path === path && link.explicit)) return links
  return links.flatMap((link) => {
    if (link.path !== path) return [link]
    return isMatched ? [{ ...link, explicit: false }] : []
  })
}

/**
 * Follows what became of the streams: one that is gone is unlinked, unless somebody named it, and one
 * that was made anew is worked off from its beginning.
 */
export function followStreams(subscription: Subscription, tails: Tails): Subscription {
  const isOther = ({ path, streamId }: Link): boolean => {
    const tail = tails.get(path)
    return tail !== undefined && (tail?.streamId ?? null) !== streamId
  }
  if (tails.size === 0 || !subscription.links.some(isOther)) return subscription
  const links = subscription.links.flatMap((link) => {
    if (!isOther(link)) return [link]
    const tail = tails.get(link.path)
    return tail || link.explicit ? [restarted(link, tail?.streamId ?? null, subscription)] : []
  })
  return { ...subscription, links }
}

function restarted(
  { path, explicit, streamId: before, renewedIn }: Link,
  streamId: string | null,
  { wake, generation }: Subscription,
): Link {
  const since = before !== null && wake ? generation : renewedIn
  return { path, explicit, acked: 0, streamId, ...(since !== undefined && { renewedIn: since }) }
}

/**
 * Notes how far workers came; nothing goes back. What is said of streams that are not linked, or no
 * longer the same, is passed over.
 *
 * @throws {StreamError} `bad-request` for an offset past the end of its stream.
 */
export function applyAcks(
  { links, generation }: Subscription,
  acks: readonly Ack[],
  tails: Tails,
): readonly Link[] {
  if (acks.length === 0) return links
  const wanted = new Map<string, Ack>()
  for (const ack of acks) {
    const known = wanted.get(ack.path)
    if (!known || known.position < ack.position) wanted.set(ack.path, ack)
  }
  return links.map((link) => {
    const ack = wanted.get(link.path)
    const tail = tails.get(link.path)
    if (!ack || !tail || tail.streamId !== link.streamId) return link
    if (ack.streamId ? ack.streamId !== link.streamId : link.renewedIn === generation) return link
    if (ack.position > tail.position) throw pastTail(ack, tail)
    return ack.position > link.acked ? { ...link, acked: ack.position } : link
  })
}

function pastTail({ path, position }: Ack, tail: Tail): StreamError {
  return new StreamError(
    'bad-request',
    `Offset ${formatOffset(position)} is past the end of ${path}, ${formatOffset(tail.position)}: ` +
      'acknowledge what was read',
  )
}

/** By UTF-16 code units, as storages list paths. */
function byPathOrder(a: Link, b: Link): number {
  if (a.path === b.path) return 0
  return a.path < b.path ? -1 : 1
}
