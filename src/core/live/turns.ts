import type { LiveFetch } from './live-fetch.ts'
import type { Locks } from './tabs/environment.ts'
import { createHost } from './turns-host.ts'

/**
 * Live reads on servers that do not read many streams in one answer. A browser has six HTTP/1.1
 * connections to a host, for all that its tabs ask there; live reads take four of them at most, so
 * that writes, history and pages never wait for them.
 *
 * Up to four streams have a connection each. Of more, two keep theirs, and all others take turns on
 * the other two: they are asked one after the other, by long-poll with short waits, or by plain reads
 * where the waits would be shorter than 250 ms. What is new in a stream that takes turns is told no
 * later than
 *
 * - one second and one round trip after it could be read, while answers come fast enough, that is
 *   while half as many round trips as streams wait take less than a second together;
 * - else half as many round trips as there are streams that wait, and one more.
 *
 * Tabs that do not share their reads share the four connections: then each of them waits for the
 * turns of the others, one each. Who reads sees answers as the server gives them: made SSE responses
 * have the content type of the stream's data as protocol section 5 has it, but that text comes as
 * bytes, in base64.
 *
 * @param isLimited whether the host of a URL allows few connections; all others are asked at once.
 * @param locks by which tabs share the connections; nothing to count in each page.
 */
export function createTurns(isLimited: (target: URL) => boolean, locks?: Locks): LiveFetch {
  const hosts = new Map<string, LiveFetch>()

  return async (request) => {
    const { target, init, send } = request
    if (!isLimited(target)) return send(target, init)
    init.signal?.throwIfAborted()
    let host = hosts.get(target.origin)
    if (!host) hosts.set(target.origin, (host = createHost(target.origin, locks)))
    return host(request)
  }
}
