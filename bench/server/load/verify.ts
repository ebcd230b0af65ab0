import { connect } from '../../harness/connection.ts'
import { createMessageScanner, type Message } from '../../harness/message.ts'
import { download } from './stream.ts'

/** Counts the messages of each writer, and refuses one that is missing, repeated or out of order. */
export interface OrderCheck {
  see(message: Readonly<Message>): void
  /** How many messages came, over all writers. */
  readonly seen: number
}

/** @param first the number that each writer's first message must have; default 0 */
export function createOrderCheck(first = 0): OrderCheck {
  const expected = new Int32Array(1000).fill(first)
  let seen = 0
  return {
    see({ number, writer }) {
      if (number !== expected[writer]) {
        throw new Error(`Writer ${writer}: message ${number} came in place of ${expected[writer]}`)
      }
      expected[writer]!++
      seen++
    },
    get seen() {
      return seen
    },
  }
}

/** @throws unless the stream holds every message up to the last, once, in order, `count` in all. */
export async function verifyStored(url: string, count: number): Promise<void> {
  const check = createOrderCheck()
  const connection = await connect(url)
  await download(url, connection, createMessageScanner(check.see))
  connection.close()
  if (check.seen !== count) throw new Error(`${url} holds ${check.seen} messages, not ${count}`)
}
