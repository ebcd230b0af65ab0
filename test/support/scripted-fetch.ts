import { appends } from './live-reads.ts'
/** What happens to one append: what it really does, or what gets in its way. */
export type Fate =
  | 'ok'
  /** The server never saw it. */
  | 'refused'
  /** The server acted, and its answer was lost. */
  | 'reply-lost'
  /** Answered before it reached the server. */
  | { status: number; headers?: Record<string, string> }
  /** Something else first. */
  | (() => Promise<Fate | Response>)

export interface ScriptedFetch {
  fetch: typeof globalThis.fetch
  /** Bodies of the appends, in the order in which they were tried. */
  bodies: unknown[]
  headers: Headers[]
}

/** Real requests, of which each append meets the next fate; after the last all is well. */
export function scriptedFetch(...fates: Fate[]): ScriptedFetch {
  const bodies: unknown[] = []
  const headers: Headers[] = []
  return {
    bodies,
    headers,
    async fetch(input, init) {
      if (!appends(input, init)) return fetch(input, init)
      bodies.push(init!.body)
      headers.push(new Headers(init!.headers))
      let fate: Fate | Response = fates.shift() ?? 'ok'
      while (typeof fate === 'function') fate = await fate()
      if (fate instanceof Response) return fate
      if (fate === 'refused') throw new TypeError('connect ECONNREFUSED')
      if (typeof fate === 'object') return new Response('scripted', fate)
      const response = await fetch(input, init)
      if (fate === 'ok') return response
      await response.arrayBuffer()
      throw new TypeError('read ECONNRESET')
    },
  }
}
