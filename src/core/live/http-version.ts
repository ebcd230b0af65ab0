/** What a host tells of itself: the globals of a page or a worker. */
export interface HostGlobals {
  document?: unknown
  WorkerGlobalScope?: unknown
  location?: { origin: string }
  performance?: { getEntriesByType(type: string): readonly unknown[] }
}

interface Entry {
  name: string
  nextHopProtocol?: string
}

/**
 * Tells which servers allow few connections: those that a browser asks over HTTP/1.1, six at a time
 * for all of its tabs. A browser says which version it uses in its performance entries: of the page,
 * and of every request to the page's origin. Of another origin it says so only if that sends
 * `Timing-Allow-Origin`; one that is not known counts as limited, since a page that blocks is worse
 * than one that learns of news a second later.
 */
export function createIsLimited(host: HostGlobals): (target: URL) => boolean {
  const isBrowser = !!host.document || !!host.WorkerGlobalScope
  const known = new Map<string, boolean>()

  return ({ origin, protocol }) => {
    if (!isBrowser) return false
    // No browser speaks a newer one without encryption.
    if (protocol === 'http:') return true
    const isLimited = known.get(origin) ?? ask(host, origin)
    if (isLimited !== undefined) known.set(origin, isLimited)
    return isLimited ?? true
  }
}

function ask({ performance, location }: HostGlobals, origin: string): boolean | undefined {
  const ofRequests = performance?.getEntriesByType('resource') ?? []
  const ofPage = location?.origin === origin && performance?.getEntriesByType('navigation')
  const entries = [...(ofPage || []), ...ofRequests] as Entry[]
  const version = entries.findLast(
    ({ name, nextHopProtocol }) => nextHopProtocol && name.startsWith(`${origin}/`),
  )?.nextHopProtocol
  return version === undefined ? undefined : !/^h[23]/.test(version)
}
