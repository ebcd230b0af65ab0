// Just enough HTTP/2 (RFC 9113) to ask for a few responses and read them, at a small part of the cost
// of a real client. Header blocks are written without compression (RFC 7541), and of those that come,
// only the status is looked at.

const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'
const HEAD_BYTES = 9
const NOTHING: Buffer = Buffer.alloc(0)

const TYPE = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7, window: 8 } as const
const ACK = 0x1
const END_STREAM = 0x1
const END_HEADERS = 0x4
const PADDED = 0x8
const PRIORITY = 0x20

const INITIAL_WINDOW = 4
const MOST_WINDOW = 2 ** 31 - 1
const FIRST_WINDOW = 65_535

// Fields of the static table.
const METHOD_GET = 0x82
const SCHEME_HTTP = 0x86
const STATUS_200 = 0x88
const AUTHORITY = 1
const PATH = 4

/** What a client says first: it takes all that it is sent. */
export function greeting(): Buffer {
  const setting = Buffer.alloc(6)
  setting.writeUInt16BE(INITIAL_WINDOW, 0)
  setting.writeUInt32BE(MOST_WINDOW, 2)
  const more = Buffer.alloc(4)
  more.writeUInt32BE(MOST_WINDOW - FIRST_WINDOW)
  return Buffer.concat([
    Buffer.from(PREFACE, 'latin1'),
    frame(TYPE.settings, 0, 0, setting),
    frame(TYPE.window, 0, 0, more),
  ])
}

/** A GET as request number `id`, which is odd and larger than those before it. */
export function getRequest(id: number, authority: string, path: string): Buffer {
  const block = Buffer.concat([
    Buffer.from([METHOD_GET, SCHEME_HTTP]),
    field(AUTHORITY, authority),
    field(PATH, path),
  ])
  return frame(TYPE.headers, END_STREAM | END_HEADERS, id, block)
}

export interface FrameSink {
  /** The status of an answer is not 200, the server ended it, or all. */
  failed(error: Error): void
  /** Bytes of a body. They are only lent. */
  data(id: number, bytes: Buffer): void
  /** What has to be sent back. */
  reply(bytes: Buffer): void
}

/** @returns takes what the socket received. */
export function createFrameReader(sink: FrameSink): (bytes: Buffer) => void {
  let kept = NOTHING
  return (received) => {
    const bytes = kept.length > 0 ? Buffer.concat([kept, received]) : received
    let at = 0
    while (bytes.length - at >= HEAD_BYTES) {
      const end = at + HEAD_BYTES + bytes.readUIntBE(at, 3)
      if (end > bytes.length) break
      const id = bytes.readUInt32BE(at + 5)
      take(bytes[at + 3]!, bytes[at + 4]!, id, bytes.subarray(at + HEAD_BYTES, end))
      at = end
    }
    kept = at < bytes.length ? Buffer.from(bytes.subarray(at)) : NOTHING
  }

  function take(type: number, flags: number, id: number, payload: Buffer): void {
    if (type === TYPE.data) {
      const bytes = unpadded(flags, payload)
      if (bytes.length > 0) sink.data(id, bytes)
      if (flags & END_STREAM) sink.failed(new Error(`Answer ${id} ended`))
    } else if (type === TYPE.headers) {
      const block = unpadded(flags, payload).subarray(flags & PRIORITY ? 5 : 0)
      if (block[0] !== STATUS_200) sink.failed(new Error(`Answer ${id} is not 200`))
    } else if (type === TYPE.settings && !(flags & ACK)) {
      sink.reply(frame(TYPE.settings, ACK, 0, NOTHING))
    } else if (type === TYPE.ping && !(flags & ACK)) {
      sink.reply(frame(TYPE.ping, ACK, 0, payload))
    } else if (type === TYPE.reset || type === TYPE.goAway) {
      const what = type === TYPE.reset ? `answer ${id}` : 'all answers'
      sink.failed(new Error(`The server gave up ${what}: ${payload.toString('hex')}`))
    }
  }
}

function unpadded(flags: number, payload: Buffer): Buffer {
  return flags & PADDED ? payload.subarray(1, payload.length - payload[0]!) : payload
}

function frame(type: number, flags: number, id: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(id, 5)
  return Buffer.concat([head, payload])
}

/** A field whose name is in the static table, with a value that no table remembers. */
function field(name: number, value: string): Buffer {
  const bytes = Buffer.from(value, 'latin1')
  if (bytes.length > 126) throw new Error(`${value} takes more than one byte for its length`)
  return Buffer.concat([Buffer.from([name, bytes.length]), bytes])
}
