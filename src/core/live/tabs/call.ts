import { createBody } from './body.ts'
import type { Item } from './link.ts'
import { MOVED } from './part.ts'

/** The leader is told after so many characters that they were read. */
const TELL_USED = 2 ** 14

/** One request of a follower. */
export interface Call {
  response: Promise<Response>
  /** Takes what the leader says of it. */
  take(item: Item): void
  /** Nobody answers any more. */
  move(): void
}

/**
 * @param tell tells the leader.
 * @param onLeave is called once, when it is over for whatever reason.
 */
export function openCall(
  id: number,
  { signal }: RequestInit,
  tell: (item: Item) => void,
  onLeave: () => void,
): Call {
  const encoder = new TextEncoder()
  let isAnswered = false
  /** As far as the leader knows. */
  let isOver = false
  let came = 0
  let told = 0
  let resolve: (response: Response) => void
  let reject: (reason: unknown) => void
  const response = new Promise<Response>((...settle) => ([resolve, reject] = settle))
  const onPull = (): void => {
    if (came - told >= TELL_USED) tell({ id, used: (told = came) })
  }
  const body = createBody(signal, Date.now(), onPull, (reason) => {
    if (!isOver) tell({ id, stop: true })
    onLeave()
    reject(reason)
  })

  return {
    response,
    take(item) {
      if ('text' in item) {
        came += item.text.length
        return body.push(encoder.encode(item.text))
      }
      isOver = true
      if ('status' in item) {
        const { body: whole = body.stream } = item
        isAnswered = true
        isOver = whole !== body.stream
        resolve(new Response(whole, item))
      }
      if (isOver) {
        if ('fail' in item) body.fail(new TypeError('The tab that asks for all got no answer'))
        else body.close()
      }
    },
    move() {
      if (isAnswered) return body.closeLater()
      reject(MOVED)
      body.close()
    },
  }
}
