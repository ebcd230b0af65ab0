import { connect as connectSocket } from 'node:net'
import { createAnswerReader, type Sink } from './answer-reader.ts'

/** A keep-alive connection that carries one request at a time. */
export interface Connection {
  /** Sends a request; its answer goes to `sink`. Not before the answer to the last one has ended. */
  send(request: Uint8Array | string, sink: Sink): void
  /** @throws if the server ends the connection. */
  ask(request: Uint8Array | string): Promise<WholeAnswer>
  close(): void
}

export interface WholeAnswer {
  status: number
  /** Status line and headers, in lower case. */
  head: string
  body: Buffer
}

/** Received bytes are looked at before the next are read, so all connections share the space. */
const SPACE: Buffer = Buffer.allocUnsafeSlow(1024 * 1024)

/** @param onEnd is called when the server ends the connection; without it that is an error. */
export function connect(url: string, onEnd?: () => void): Promise<Connection> {
  const { hostname, port } = new URL(url)
  let sink: Sink | undefined
  let closed = false
  let fail: ((error: Error) => void) | undefined
  const read = createAnswerReader(() => sink!)
  const ended = (error?: Error): void => {
    if (closed) return
    closed = true
    const reason = error ?? new Error(`The server at ${url} ended the connection`)
    if (fail) fail(reason)
    else if (onEnd) onEnd()
    else throw reason
  }

  return new Promise((resolve, reject) => {
    fail = reject
    const socket = connectSocket({
      host: hostname,
      port: Number(port),
      noDelay: true,
      onread: {
        buffer: SPACE,
        callback(length) {
          read(SPACE.subarray(0, length))
          return true
        },
      },
    })
    const connection: Connection = {
      send(request, nextSink) {
        sink = nextSink
        if (typeof request === 'string') socket.write(request, 'latin1')
        else socket.write(request)
      },
      ask: (request) =>
        new Promise<WholeAnswer>((answer, refuse) => {
          fail = refuse
          connection.send(
            request,
            collect((whole) => {
              fail = undefined
              answer(whole)
            }),
          )
        }),
      close() {
        closed = true
        socket.destroy()
      },
    }
    socket.on('error', ended)
    socket.on('close', () => ended())
    socket.on('connect', () => {
      fail = undefined
      resolve(connection)
    })
  })
}

function collect(done: (whole: WholeAnswer) => void): Sink {
  const whole: WholeAnswer = { status: 0, head: '', body: Buffer.alloc(0) }
  const parts: Buffer[] = []
  return {
    head(status, head) {
      whole.status = status
      whole.head = head()
    },
    body: (bytes) => void parts.push(Buffer.from(bytes)),
    end: () => done({ ...whole, body: Buffer.concat(parts) }),
  }
}
