import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** A TCP proxy on a port of its own, whose connections can be cut on command. */
export interface CuttableProxy {
  port: number
  /** Resets every open connection, at both ends. @returns how many there were. */
  cutAll(): number
  /**
   * Lets the next `count` requests that hold `text` reach the server, and cuts each one's connection
   * when half of the answer's first bytes are through: done, and the client cannot know.
   */
  cutNextAnswers(count: number, text: string): void
  /** How many answers `cutNextAnswers` has cut so far. */
  cutAnswers(): number
  /** While offline, every connection is reset, and new ones at once. */
  setOffline(offline: boolean): void
  close(): Promise<void>
}

/** Starts a proxy on 127.0.0.1 to `port` of the same machine. */
export async function startCuttableProxy(targetPort: number): Promise<CuttableProxy> {
  const pairs = new Set<readonly [Socket, Socket]>()
  let offline = false
  let toCut = { count: 0, text: '' }
  let cut = 0

  function join(client: Socket): void {
    if (offline) return void client.resetAndDestroy()
    const server = connect(targetPort, '127.0.0.1')
    const pair = [client, server] as const
    pairs.add(pair)
    let doomed = false
    for (const [from, to] of [pair, [server, client] as const]) {
      from.on('error', () => drop(pair))
      from.on('end', () => to.end())
      from.on('close', () => {
        pairs.delete(pair)
        to.destroySoon()
      })
      from.on('drain', () => to.resume())
    }
    client.on('data', (bytes) => {
      if (toCut.count > 0 && bytes.includes(toCut.text)) {
        toCut.count--
        doomed = true
      }
      forward(bytes, client, server)
    })
    server.on('data', (bytes) => {
      if (!doomed) return forward(bytes, server, client)
      cut++
      client.write(bytes.subarray(0, bytes.length / 2), () => drop(pair))
    })
  }

  function drop(pair: readonly [Socket, Socket]): void {
    if (!pairs.delete(pair)) return
    for (const socket of pair) socket.resetAndDestroy()
  }

  function cutAll(): number {
    const open = [...pairs]
    open.forEach(drop)
    return open.length
  }

  const listener = createServer(join)
  await listening(listener)
  return {
    port: (listener.address() as AddressInfo).port,
    cutAll,
    cutNextAnswers: (count, text) => {
      toCut = { count, text }
    },
    cutAnswers: () => cut,
    setOffline: (value) => {
      offline = value
      if (offline) cutAll()
    },
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve())
        cutAll()
      }),
  }
}

function forward(bytes: Buffer, from: Socket, to: Socket): void {
  if (!to.write(bytes)) from.pause()
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
}
