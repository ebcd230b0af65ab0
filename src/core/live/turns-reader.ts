import { linkedController } from '../abort-link.ts'
import { withoutReading } from './hub-address.ts'
import type { LiveRequest } from './live-fetch.ts'

/** Ends a reader as a server does that says no more. */
const DONE = 1

/** Answers that have no body at all. */
const BODILESS = [204, 205, 304]

/** One live read that waits for its turn, has its turn, or has a connection of its own. */
export interface TurnReader {
  readonly request: LiveRequest
  /** The same for all that can share an answer. */
  readonly key: string
  readonly isSse: boolean
  readonly joinedAt: number
  /** Aborts when it has ended, whoever ended it. */
  readonly signal: AbortSignal
  /** Where it has got to. */
  offset: string
  cursor: string | null
  /** Whether what it reads is JSON; known once it is answered. */
  isJson: boolean
  /** Of text, its last bytes. */
  tail: Uint8Array | undefined
  /** How often it was asked for. */
  turns: number
  /** When its next turn may begin, and when it was last told something. */
  notBefore: number
  toldAt: number
  /** Whether it has its `Response`. */
  isAnswered(): boolean
  /** Whether it has not read yet what it was given. */
  isFull(): boolean
  answer(status: number, headers: HeadersInit, body?: AnswerBody): void
  push(chunk: Uint8Array): void
  /** Ends its body or, with an error, breaks it off; without an answer, it fails. */
  end(error?: unknown): void
}

/** Bytes, where they come from, or nothing when they are pushed. */
export type AnswerBody = Uint8Array<ArrayBuffer> | { read: () => Promise<Uint8Array | undefined> }

/**
 * @param onEnd is called once.
 * @param onRoom is called when it waits for more.
 */
export function openTurnReader(
  request: LiveRequest,
  onEnd: (reader: TurnReader) => void,
  onRoom: () => void,
): [reader: TurnReader, answered: Promise<Response>] {
  const query = request.target.searchParams
  let resolve!: (response: Response) => void
  let reject!: (error: unknown) => void
  const answered = new Promise<Response>((...settle) => ([resolve, reject] = settle))
  let isAnswered = false
  let body: ReadableStreamDefaultController<Uint8Array> | undefined
  const life = linkedController(request.init.signal ?? undefined, (reason) => {
    if (reason === DONE) body?.close()
    else body?.error(reason)
    reject(reason)
    onEnd(reader)
  })
  const end = (error: unknown = DONE): void => life.abort(error)

  const open = (source: Exclude<AnswerBody, Uint8Array> | undefined): ReadableStream<Uint8Array> =>
    new ReadableStream<Uint8Array>({
      start(controller) {
        body = controller
      },
      async pull() {
        if (!source) return onRoom()
        try {
          const chunk = await source.read()
          if (!chunk) end()
          else if (!life.signal.aborted) body!.enqueue(chunk)
        } catch (error) {
          end(error)
        }
      },
      cancel() {
        body = undefined
        end()
      },
    })

  const reader: TurnReader = {
    request,
    key: keyOf(request),
    isSse: query.get('live') === 'sse',
    joinedAt: Date.now(),
    signal: life.signal,
    offset: query.get('offset')!,
    cursor: query.get('cursor'),
    isJson: false,
    tail: undefined,
    turns: 0,
    notBefore: 0,
    toldAt: 0,
    isAnswered: () => isAnswered,
    isFull: () => !!body && body.desiredSize! <= 0,
    answer(status, headers, given) {
      isAnswered = true
      const isBodiless = BODILESS.includes(status)
      const sent = isBodiless ? null : given instanceof Uint8Array ? given : open(given)
      resolve(new Response(sent, { status, headers }))
      if (!body) end()
    },
    push(chunk) {
      reader.toldAt = Date.now()
      body?.enqueue(chunk)
    },
    end,
  }
  return [reader, answered]
}

function keyOf({ target, init }: LiveRequest): string {
  return JSON.stringify([withoutReading(target), [...new Headers(init.headers)]])
}
