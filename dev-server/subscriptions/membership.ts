import { allPaths } from './all-paths.ts'
import { compileGlob } from './glob.ts'
import { bad } from './json-body.ts'
import { addLinks, linkAtTail, removeExplicit, type Tail, type Tails } from './links.ts'
import { tailOf } from './tails.ts'
import type { SubscriptionOptions } from './context.ts'
import type { Configuration, Link, Subscription } from './subscription.ts'

const CHUNK = 64

/**
 * The streams that a new subscription begins with, at their tails: those it names, and those that
 * match its pattern now.
 *
 * @throws {StreamError} `bad-request` if they are too many.
 */
export async function firstLinks(
  options: Pick<SubscriptionOptions, 'storage' | 'streams' | 'pause' | 'limits'>,
  { pattern, streams, wakeStream }: Configuration,
): Promise<readonly Link[]> {
  const named = await tailsOf(options, streams)
  const links = streams.map((path) => linkAtTail(path, true, named.get(path)))
  if (pattern === null) return addLinks([], links)
  const glob = compileGlob(pattern)
  for await (const page of allPaths(options)) {
    const matching = page.filter((path) => path !== wakeStream && glob.matches(path))
    for (const [path, tail] of await tailsOf(options, matching)) {
      if (tail && !named.has(path)) links.push(linkAtTail(path, false, tail))
    }
    checkRoom(links, options.limits.maxLinks)
  }
  return addLinks([], links)
}

/**
 * Links streams that somebody names, at their tails.
 *
 * @throws {StreamError} `bad-request` if they are too many, or the wake stream itself.
 */
export function nameStreams(
  subscription: Subscription,
  paths: readonly string[],
  tails: Tails,
  maxLinks: number,
): Subscription {
  checkNames(paths, subscription.configuration.wakeStream)
  const added = paths.map((path) => linkAtTail(path, true, tails.get(path)))
  const links = addLinks(subscription.links, added)
  if (links.length > subscription.links.length) checkRoom(links, maxLinks)
  return links === subscription.links ? subscription : { ...subscription, links }
}

/** Takes back that a stream was named; the pattern may go on matching it. */
export function unnameStream(subscription: Subscription, path: string): Subscription {
  const { pattern } = subscription.configuration
  const isMatched = pattern !== null && compileGlob(pattern).matches(path)
  const links = removeExplicit(subscription.links, path, isMatched)
  return links === subscription.links ? subscription : { ...subscription, links }
}

/** @throws {StreamError} `bad-request` if the wake stream is among `paths`. */
export function checkNames(paths: readonly string[], wakeStream: string | null): void {
  if (wakeStream === null || !paths.includes(wakeStream)) return
  throw bad(`streams cannot name the wake_stream "${wakeStream}": each wake would cause another`)
}

/** Where these streams end now. */
export async function tailsOf(
  { streams, pause }: Pick<SubscriptionOptions, 'streams' | 'pause'>,
  paths: readonly string[],
): Promise<Tails> {
  const tails = new Map<string, Tail | null>()
  for (let i = 0; i < paths.length; i += CHUNK) {
    if (i > 0) await pause()
    const some = paths.slice(i, i + CHUNK)
    await Promise.all(some.map(async (path) => tails.set(path, await tailOf(streams, path))))
  }
  return tails
}

function checkRoom(links: readonly Link[], maxLinks: number): void {
  if (links.length <= maxLinks) return
  throw bad(`More than ${maxLinks} streams would be linked: use several, narrower subscriptions`)
}
