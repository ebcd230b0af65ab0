import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StreamError } from '../src/core/errors.ts'
import { DEFAULT_PORT } from '../src/core/protocol.ts'
import { listen, reachable } from './listen.ts'
import { createNodeHandler, type HandlerOptions, type NodeHandler } from './node-handler.ts'
import { createNodeServer } from './node-server.ts'
import { checkCount, checkHost, checkPort, MAX_COUNT } from './option-checks.ts'
import { checkOptions, type CheckedOptions } from './options.ts'

export interface ServerOptions extends HandlerOptions {
  /** TCP port; 0 lets the system choose one. Default 4437. */
  port?: number
  /** Address to listen on. Default `127.0.0.1`: this machine alone. */
  host?: string
  /** Longest request line and headers together, in bytes; longer ones get 431. Default 16 KiB. */
  maxHeaderBytes?: number
  /** Most connections at once; further ones are closed as they come. Default 25,000. */
  maxConnections?: number
  /**
   * A connection over which nothing moves for so many milliseconds, such as that of a reader who
   * takes nothing, is closed. Default: 30 s more than a live read may last, and at least 120,000.
   */
  idleTimeoutMs?: number
}

export interface DurableStreamServer {
  /**
   * Starts listening.
   *
   * @returns the URL under which streams live, such as `http://127.0.0.1:4437/v1/stream`.
   * @throws {StreamError} `listen` if the address cannot be had; what the storage throws if it cannot
   *   be opened, such as `unavailable` for a folder in use by another process.
   */
  start(): Promise<string>
  /**
   * Stops gracefully: takes no more connections, ends live reads, waits for what is being answered,
   * then closes. Safe to call again, or before `start`.
   */
  stop(): Promise<void>
  /** What `start` resolved to. @throws {StreamError} `invalid` before that. */
  readonly url: string
}

/** Answers that a caller does not take within so many milliseconds of `stop` are given up. */
const STOP_PATIENCE_MS = 5_000

/** How much longer than a live read, which may be silent to its end, a connection may be. */
const IDLE_MARGIN_MS = 30_000
const MIN_IDLE_MS = 120_000

/**
 * A Durable Streams server.
 *
 * @throws {StreamError} `invalid` for an option that cannot be.
 */
export function createDurableStreamServer(options: ServerOptions = {}): DurableStreamServer {
  const checked = checkOptions(options)
  const port = checkPort(options.port ?? DEFAULT_PORT)
  const host = checkHost(options.host ?? '127.0.0.1')
  const limits = checkLimits(options, checked)
  const handler = createNodeHandler(options)
  const server = createNodeServer({ ...checked, ...limits }, (req, res) => {
    if (stopping) res.setHeader('connection', 'close')
    void handler.handle(req, res)
  })
  let starting: Promise<string> | undefined
  let stopping: Promise<void> | undefined
  let url: string | undefined

  return {
    async start() {
      if (stopping) throw new StreamError('invalid', 'The server was stopped: create another one')
      return (starting ??= listenOnce())
    },
    stop: () => (stopping ??= stop(server, handler, starting)),
    get url() {
      if (url !== undefined) return url
      throw new StreamError('invalid', 'The server has no URL yet: await start() first')
    },
  }

  async function listenOnce(): Promise<string> {
    try {
      await handler.ready()
      await listen(server, host, port)
    } catch (error) {
      starting = undefined
      throw error
    }
    server.on('error', checked.onError)
    const { port: actualPort } = server.address() as AddressInfo
    url = `http://${reachable(host)}:${actualPort}${checked.prefix}`
    return url
  }
}

function checkLimits(
  options: ServerOptions,
  { longPollTimeoutMs, sseLifetimeMs }: CheckedOptions,
): Required<Pick<ServerOptions, 'maxHeaderBytes' | 'maxConnections' | 'idleTimeoutMs'>> {
  const longestMs = Math.max(longPollTimeoutMs, sseLifetimeMs)
  const idleMs = Math.min(MAX_COUNT, Math.max(MIN_IDLE_MS, longestMs + IDLE_MARGIN_MS))
  return {
    maxHeaderBytes: checkCount('maxHeaderBytes', options.maxHeaderBytes ?? 16 * 1024),
    maxConnections: checkCount('maxConnections', options.maxConnections ?? 25_000),
    idleTimeoutMs: checkCount('idleTimeoutMs', options.idleTimeoutMs ?? idleMs),
  }
}

async function stop(
  server: Server,
  handler: NodeHandler,
  starting: Promise<string> | undefined,
): Promise<void> {
  await starting?.catch(() => undefined)
  const closed = new Promise((resolve) => server.close(resolve))
  const patience = setTimeout(() => server.closeAllConnections(), STOP_PATIENCE_MS)
  await handler.close()
  // What is left waits for no answer; Node does not call a connection idle before its first request.
  server.closeAllConnections()
  await closed
  clearTimeout(patience)
}
