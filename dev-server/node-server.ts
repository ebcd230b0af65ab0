import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { commonHeaders, METHODS, type Cors } from './http/cors.ts'
import { errorAnswer } from './http/error-answer.ts'
import { refuseMalformed, refuseOn } from './http/node/malformed.ts'
import { keepServing } from './http/node/turns.ts'
import { writeAnswer } from './http/node/response.ts'

/** Idle connections outlive those of common proxies, so that none is closed while they reuse it. */
const KEEP_ALIVE_MS = 75_000

export interface NodeServerOptions {
  cors: Cors
  maxHeaderBytes: number
  maxBodyBytes: number
  maxConnections: number
  idleTimeoutMs: number
}

type Listener = (req: IncomingMessage, res: ServerResponse) => void

/** A server of `node:http` that is hard to hurt before `handle` is asked. It does not listen yet. */
export function createNodeServer(options: NodeServerOptions, handle: Listener): Server {
  const { cors, maxHeaderBytes, maxBodyBytes, maxConnections, idleTimeoutMs } = options
  const listener: Listener = (req, res) => {
    if (isNameless(req)) refuseNameless(res, cors)
    else handle(req, res)
  }
  const server = createServer(
    {
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: maxHeaderBytes,
      // Node's own answer says nothing, and may be sniffed.
      requireHostHeader: false,
    },
    listener,
  )
  server.maxConnections = maxConnections
  // By default those past the two thousandth are dropped silently; their length is limited anyhow.
  server.maxHeadersCount = 0
  server.timeout = idleTimeoutMs
  server.on('clientError', (error, socket) => {
    refuseMalformed(
      error,
      socket as typeof socket & IncomingMessage['socket'],
      commonHeaders(cors, {}),
    )
  })
  // Without a listener Node hangs up, on what was asked before too.
  server.on('connect', ({ method }, socket) => {
    keepServing(socket as IncomingMessage['socket'])
    const answer = errorAnswer(405, 'bad-request', `${method} is not one of ${METHODS}`)
    refuseOn(socket as IncomingMessage['socket'], answer, commonHeaders(cors, {}))
  })
  server.on('checkContinue', (req, res) => {
    // Who waits for leave to send too much gets the refusal instead.
    if (!(Number(req.headers['content-length']) > maxBodyBytes)) res.writeContinue()
    listener(req, res)
  })
  // No other expectation is known, and one may be ignored: RFC 9110 section 10.1.1.
  server.on('checkExpectation', listener)
  return server
}

/** RFC 9112 section 3.2. */
function isNameless({ headers, httpVersion }: IncomingMessage): boolean {
  return headers.host === undefined && httpVersion === '1.1'
}

function refuseNameless(res: ServerResponse, cors: Cors): void {
  res.setHeader('connection', 'close')
  const answer = errorAnswer(400, 'bad-request', 'The Host header is missing: send one')
  void writeAnswer(res, answer, commonHeaders(cors, {}))
}
