import { StreamError } from '../errors.ts'
import { type HubBody, openBody } from './hub-body.ts'

/** Servers end a connection after about a minute, in milliseconds. */
const LIFETIME_MS = 60_000

/** What the server says of one stream: how it would have answered a request for it alone. */
export interface HubAnswer {
  status: number
  headers: Record<string, string>
  /** Of a refusal, as JSON. */
  body?: unknown
}

/** Who asks for a stream, or reads it. */
export interface HubReader {
  /** Where it wants to go on. */
  readonly offset: string
  /** There once it is answered, and reads. */
  readonly body: HubBody | undefined
  /** Whether a connection of its own would have ended by now: asking again, it asks for tokens anew. */
  isOld(): boolean
  /** Answers; a success has a body from now on. With nothing: this hub has no answer for it. */
  answer(answer?: HubAnswer | Response): void
  /** Is called once, whoever ends it; `isDoubtful` when it heard nothing for so long that it gave up. */
  onLeave: (isDoubtful: boolean) => void
  /** Lets it go: its body ends or, with an error, breaks off; `fail` also if it waits for an answer. */
  end(): void
  fail(error: unknown): void
}

/** The part of a request that matters to who answers it. */
export interface HubQuestion {
  offset: string
  signal: AbortSignal | null | undefined
}

export function openReader({
  offset,
  signal,
}: HubQuestion): [reader: HubReader, answered: Promise<Response | undefined>] {
  let resolve!: (response?: Response) => void
  let reject!: (error: unknown) => void
  const answered = new Promise<Response | undefined>((...settle) => ([resolve, reject] = settle))
  let body: HubBody | undefined
  const openedAt = Date.now()

  const leave = (isDoubtful = false): void => {
    signal?.removeEventListener('abort', abort)
    reader.onLeave(isDoubtful)
  }
  const abort = (): void => {
    const { reason } = signal!
    leave(reason instanceof StreamError)
    settleWith(reason)
  }
  const settleWith = (error: unknown): void => (body ? body.fail(error) : reject(error))

  const reader: HubReader = {
    offset,
    onLeave() {},
    get body() {
      return body
    },
    isOld: () => Date.now() - openedAt > LIFETIME_MS,
    answer(answer) {
      if (answer instanceof Response || !answer) resolve(answer)
      else if (answer.status !== 200) resolve(new Response(JSON.stringify(answer.body), answer))
      else {
        body = openBody(leave)
        return resolve(new Response(body.stream, answer))
      }
      leave()
    },
    end() {
      leave()
      body!.end()
    },
    fail(error) {
      leave()
      settleWith(error)
    },
  }
  signal?.addEventListener('abort', abort)
  return [reader, answered]
}
