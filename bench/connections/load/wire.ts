import { connect } from 'node:net'

/** A socket of a reader, which counts what comes over it. */
export interface Wire {
  write(bytes: Uint8Array | string): void
  /** Bytes that came, all headers and framing included. */
  readonly bytesRead: number
  close(): void
}

/** Received bytes are looked at before the next are read, so all sockets share the space. */
const SPACE: Buffer = Buffer.allocUnsafeSlow(1024 * 1024)

/**
 * Loopback addresses to call from, in turns (Linux has them all): where most ports of one are taken,
 * the kernel looks long for a free one.
 */
const SOURCES = 16
let opened = 0

/**
 * @param onBytes is lent bytes that change after the call
 * @param onFailure is told of an end that nobody here asked for
 */
export function openWire(
  url: string,
  onBytes: (bytes: Buffer) => void,
  onFailure: (error: Error) => void,
): Promise<Wire> {
  const { hostname, port } = new URL(url)
  opened += 1
  return new Promise((resolve, reject) => {
    let isOver = false
    const socket = connect({
      host: hostname,
      port: Number(port),
      localAddress: `127.0.0.${1 + (opened % SOURCES)}`,
      noDelay: true,
      onread: {
        buffer: SPACE,
        callback(length) {
          onBytes(SPACE.subarray(0, length))
          return true
        },
      },
    })
    const fail = (error: Error): void => {
      reject(error)
      if (!isOver) onFailure(error)
      isOver = true
    }
    socket.on('error', fail)
    socket.on('close', () => fail(new Error(`The server at ${url} ended a connection`)))
    socket.on('connect', () =>
      resolve({
        write: (bytes) => void socket.write(bytes),
        get bytesRead() {
          return socket.bytesRead
        },
        close() {
          isOver = true
          socket.destroy()
        },
      }),
    )
  })
}
