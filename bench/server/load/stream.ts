import { connect, type Connection } from '../../harness/connection.ts'
import { messageBatch } from '../../harness/message.ts'
import { headerOf, readRequest, writeRequest } from './request.ts'

/** Makes a JSON stream, with `body` as its first content. */
export async function createStream(url: string, body?: Uint8Array): Promise<void> {
  const connection = await connect(url)
  const { status } = await connection.ask(writeRequest('PUT', url, body))
  connection.close()
  if (status !== 201) throw new Error(`PUT ${url} was answered with ${status}`)
}

/** The offset at which the next message will begin. */
export async function tailOf(url: string): Promise<string> {
  const connection = await connect(url)
  const { status, head } = await connection.ask(readRequest(url, { offset: 'now' }))
  connection.close()
  const offset = headerOf(head, 'stream-next-offset')
  if (status !== 200 || offset === undefined) throw new Error(`GET ${url} was answered: ${head}`)
  return offset
}

/** Appends messages of one writer in requests of `perRequest`, one after the other. */
export async function fill(
  url: string,
  messages: number,
  perRequest = 1000,
  writer = 999,
): Promise<void> {
  const connection = await connect(url)
  for (let first = 0; first < messages; first += perRequest) {
    const batch = messageBatch(writer, first, Math.min(perRequest, messages - first))
    const { status } = await connection.ask(writeRequest('POST', url, batch))
    if (status >= 300) throw new Error(`POST ${url} was answered with ${status}`)
  }
  connection.close()
}

/** {@link fill}, by so many writers at once: a durable server commits what comes together as one. */
export async function fillTogether(
  url: string,
  messages: number,
  perRequest: number,
  writers: number,
): Promise<void> {
  const share = Math.ceil(messages / writers)
  await Promise.all(
    Array.from({ length: writers }, (_, i) => fill(url, share, perRequest, 999 - i)),
  )
}

/**
 * Reads a stream from its beginning to its tail, page by page.
 *
 * @returns how many bytes of body came.
 */
export async function download(
  url: string,
  connection: Connection,
  onBytes?: (bytes: Buffer) => void,
  headers?: string,
): Promise<number> {
  let offset = '-1'
  let total = 0
  for (let upToDate = false; !upToDate; ) {
    const request = readRequest(url, { offset }, headers)
    const head = await new Promise<string>((resolve) => {
      let answer = ''
      connection.send(request, {
        head: (_status, text) => (answer = text()),
        body(bytes) {
          total += bytes.length
          onBytes?.(bytes)
        },
        end: () => resolve(answer),
      })
    })
    if (!head.startsWith('http/1.1 200')) throw new Error(`GET ${url} was answered: ${head}`)
    upToDate = headerOf(head, 'stream-up-to-date') === 'true'
    offset = headerOf(head, 'stream-next-offset') ?? offset
  }
  return total
}
