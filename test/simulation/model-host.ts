import { DEFAULT_PATH_PREFIX, MULTIPLEX } from '../../src/core/protocol.ts'
import type { Chance } from './chance.ts'
import type { VirtualClock } from './clock.ts'
import { type MemberFault, serveMany } from './model-hub.ts'
import { type Answer, type ModelRequest, refusal, type Server } from './model-server.ts'
import type { Fail } from './witness.ts'

/** Where all streams are. */
export const HOST_ROOT: string = `http://127.0.0.1:4437${DEFAULT_PATH_PREFIX}/`

const ROOT_PATH = `${DEFAULT_PATH_PREFIX}/`
export const HUB_PATH: string = `${ROOT_PATH}__ds/live`

export interface ModelHostOptions {
  clock: VirtualClock
  chance: Chance
  /** By their paths as a client writes them. */
  streams: ReadonlyMap<string, Server>
  /** What a request for a stream has to say as `authorization`, if anything. */
  secretOf: (path: string) => string | undefined
  hubLifetimeMs: number
  hasExtension: boolean
  /** What goes wrong with one stream of many, drawn for each. */
  drawFault: () => MemberFault | undefined
  fail: Fail
}

/** A server of many streams, which reads many in one answer as long as it has the extension. */
export class ModelHost implements Server {
  readonly options: ModelHostOptions
  hasExtension: boolean
  /** What it says to who asks nevertheless. */
  readonly #noHub: Answer

  constructor(options: ModelHostOptions) {
    const { chance, hasExtension } = options
    this.options = options
    this.hasExtension = hasExtension
    const status = chance.pick([404, 405, 501, 400, 415, 200])
    this.#noHub =
      status === 200
        ? {
            status,
            headers: { 'content-type': 'text/html' },
            body: new TextEncoder().encode('<p>'),
          }
        : refusal(status, 'This server knows no such thing')
  }

  told(request: ModelRequest): void {
    this.options.streams.get(nameIn(request))?.told(request)
  }

  handle(request: ModelRequest, give: (answer: Answer) => void): () => void {
    if (request.path === HUB_PATH) {
      give(this.hasExtension ? serveMany(this, request) : this.#noHub)
      return () => undefined
    }
    return this.read(request, (answer) => {
      const isRead = request.method === 'GET' || request.method === 'HEAD'
      if (!this.hasExtension || !isRead || answer.status >= 400) return give(answer)
      const depth = nameIn(request).split('/').length - 1
      const headers = { ...answer.headers, [MULTIPLEX]: `${'../'.repeat(depth)}__ds/live` }
      give({ ...answer, headers })
    })
  }

  /** As a request for one stream is answered, whoever makes it. */
  read(request: ModelRequest, give: (answer: Answer) => void): () => void {
    const { streams, secretOf, fail } = this.options
    const name = nameIn(request)
    const secret = secretOf(name)
    const told = request.headers.get('authorization')
    if (secret !== undefined && told !== secret) fail(`${name} was asked for with ${told}`)
    const stream = streams.get(name)
    if (stream) return stream.handle(request, give)
    give(refusal(404, 'There is no such stream'))
    return () => undefined
  }
}

export function pathOf(name: string): string {
  return ROOT_PATH + name
}

function nameIn({ path }: ModelRequest): string {
  return path.slice(ROOT_PATH.length)
}
