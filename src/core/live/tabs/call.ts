import { createBody } from './body.ts'
import type { Item } from './link.ts'
import { MOVED } from './part.ts'

/** The leader is told after so many characters that they were read. */
const TELL_USED = 2 ** 14

/** One request of a follower. */
export interface Call {
  response: Promise<Response>
  /** What the leader says of it. @returns whether that is all. */
  take(item: Item): void
  /** Nobody answers any more. */
  move(): void
}

/**
 * @param onUsed is told how many characters were read, in all.
 * @param onLeave is called once, when it is over for whatever reason.
 */
export function openCall(
  { signal }: RequestInit,
  onUsed: (used: number) => void,
  onLeave: () => void,
): Call {
  const encoder = new TextEncoder()
  let isAnswered = false
  let came = 0
  let told = 0
  let resolve: (response: Response) => void
  let reject: (reason: unknown) => void
  const response = new Promise<Response>((...settle) => ([resolve, reject] = settle))
  const body = createBody(
    signal,
    Date.now(),
    () => {
      if (came - told >= TELL_USED) onUsed((told = came))
    },
    (reason) => {
      onLeave()
      reject(reason)
    },
  )

  return {
    response,
    take(item) {
      if ('status' in item) {
        isAnswered = true
        const { body: whole = body.stream } = item
        resolve(new Response(whole, item))
        if (whole !== body.stream) body.close()
      } else if ('text' in item) {
        came += item.text.length
        body.push(encoder.encode(item.text))
      } else if ('end' in item) {
        body.close()
      } else if ('fail' in item) {
        body.fail(new TypeError('The tab that asks for all of the browser got no answer'))
      }
    },
    move() {
      if (isAnswered) return body.closeLater()
      reject(MOVED)
      body.close()
    },
  }
}
