import { connect } from '../../harness/connection.ts'
import { clockUs, messageBatch, MESSAGE_BYTES, stampMessage } from '../../harness/message.ts'
import { writeRequest } from './request.ts'

export interface PacedLoad {
  count: number
  everyMs: number
  /** Gives up after so many milliseconds. */
  maxMs: number
  /** Default 0. */
  writer?: number
}

export interface PacedResult {
  acknowledged: number
  /** From sending to acknowledgement, of each request. */
  latenciesMs: number[]
}

/**
 * Appends messages of one writer in order, one each `everyMs`. What becomes due while an answer is
 * awaited goes out as one request after it, as clients do; a message is stamped when it is due, so
 * that its waiting counts.
 */
export async function writePaced(url: string, load: PacedLoad): Promise<PacedResult> {
  const { count, everyMs, maxMs, writer = 0 } = load
  const connection = await connect(url)
  const latenciesMs: number[] = []
  const began = performance.now()
  const due: number[] = []
  let made = 0
  let acknowledged = 0
  while (acknowledged < count && performance.now() - began < maxMs) {
    for (; made < count && performance.now() >= began + made * everyMs; made++) due.push(clockUs())
    if (due.length === 0) {
      await new Promise((resolve) => setTimeout(resolve, 1))
      continue
    }
    const stamps = due.splice(0)
    const sentAt = performance.now()
    const { status } = await connection.ask(writeRequest('POST', url, stamped(stamps)))
    if (status >= 300) throw new Error(`POST ${url} was answered with ${status}`)
    latenciesMs.push(performance.now() - sentAt)
    acknowledged += stamps.length
  }
  connection.close()
  return { acknowledged, latenciesMs }

  function stamped(stamps: readonly number[]): Uint8Array {
    const batch = messageBatch(writer, acknowledged, stamps.length)
    stamps.forEach((sentUs, i) => {
      const at = 1 + i * (MESSAGE_BYTES + 1)
      stampMessage(batch, at, { number: acknowledged + i, writer, sentUs })
    })
    return batch
  }
}
