import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StreamError } from '../src/core/errors.ts'
import { DEFAULT_PATH_PREFIX, DEFAULT_PORT } from '../src/core/protocol.ts'
import { createNodeHandler, type HandlerOptions, type NodeHandler } from './node-handler.ts'
import { checkHost, checkPort } from './option-checks.ts'
import { warn } from './options.ts'

export interface ServerOptions extends HandlerOptions {
  /** TCP port; 0 lets the system choose one. Default 4437. */
  port?: number
  /** Address to listen on. Default `127.0.0.1`: this machine alone. */
  host?: string
}

export interface DurableStreamServer {
  /**
   * Starts listening.
   *
   * @returns the URL under which streams live, such as `http://127.0.0.1:4437/v1/stream`.
   * @throws {StreamError} `listen` if the address cannot be had.
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

/** Idle connections outlive those of common proxies, so that none is closed while they reuse it. */
const KEEP_ALIVE_MS = 75_000

/**
 * A Durable Streams server.
 *
 * @throws {StreamError} `invalid` for an option that cannot be.
 */
export function createDurableStreamServer(options: ServerOptions = {}): DurableStreamServer {
  const { port: wantedPort = DEFAULT_PORT, host: wantedHost = '127.0.0.1', ...rest } = options
  const port = checkPort(wantedPort)
  const host = checkHost(wantedHost)
  const handler = createNodeHandler(rest)
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (req, res) => {
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
      await listen(server, host, port)
    } catch (error) {
      starting = undefined
      throw error
    }
    server.on('error', rest.onError ?? warn)
    const { port: actualPort } = server.address() as AddressInfo
    url = `http://${reachable(host)}:${actualPort}${options.prefix ?? DEFAULT_PATH_PREFIX}`
    return url
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: Error): void => reject(listenError(cause, host, port))
    server.once('error', refuse)
    server.listen({ host, port }, () => {
      server.off('error', refuse)
      resolve()
    })
  })
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

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): StreamError {
  const where = `${host}:${port}`
  const reasons: Record<string, string> = {
    EADDRINUSE: `${where} is in use: stop what listens there, or choose another port (0 for any)`,
    EACCES: `No permission to listen on ${where}: choose a port above 1023`,
    EADDRNOTAVAIL: `${where} is no address of this machine: use 127.0.0.1, 0.0.0.0 or one that is`,
    ENOTFOUND: `The host of ${where} is unknown: use 127.0.0.1, or a name that resolves`,
    EAI_AGAIN: `The host of ${where} cannot be resolved now: use 127.0.0.1, or a name that resolves`,
  }
  const message = reasons[cause.code ?? ''] ?? `Cannot listen on ${where}: ${cause.message}`
  return new StreamError('listen', message, { cause })
}

/** A host that a client can ask: a wildcard address is no destination. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
