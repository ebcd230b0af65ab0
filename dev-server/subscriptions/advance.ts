import { addLinks, followStreams, type Tails } from './links.ts'
import { expireLease, issueWake, unsendWake } from './wake.ts'
import type { Link, Subscription } from './subscription.ts'

/** What happened around a subscription, and when. */
export interface Moment {
  /** Milliseconds since 1970. */
  now: number
  /** Where its streams end; those that nobody looked at are missing. */
  tails: Tails
  /** Streams that were made and match its pattern. */
  made: Iterable<string>
  /** The wake stream was made: what an earlier one was told of is not in it. */
  wakeStreamMade: boolean
  /** Id of the next wake, should there be one. */
  wakeId: string
  maxLinks: number
}

/** What time and its streams make of a subscription: the same object if nothing. */
export function advance(before: Subscription, moment: Moment): Subscription {
  const { now, tails, made, wakeStreamMade, wakeId, maxLinks } = moment
  const followed = followStreams(expireLease(before, now), tails)
  const room = Math.max(0, maxLinks - followed.links.length)
  const links = addLinks(followed.links, linksToBeginning(made, tails).slice(0, room))
  const current = links === followed.links ? followed : { ...followed, links }
  return issueWake(wakeStreamMade ? unsendWake(current) : current, wakeId, tails)
}

function linksToBeginning(made: Iterable<string>, tails: Tails): Link[] {
  return [...made].flatMap((path) => {
    const tail = tails.get(path)
    return tail ? [{ path, explicit: false, acked: 0, streamId: tail.streamId }] : []
  })
}
