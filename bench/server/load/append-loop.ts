import { connect, type Connection } from '../../harness/connection.ts'
import { blankMessage, clockUs, stampMessage } from '../../harness/message.ts'
import { writeRequest } from './request.ts'
import type { Sink } from '../../harness/answer-reader.ts'

export interface AppendLoad {
  connections: number
  /** Stop after so many messages in all. Default: no end. */
  messages?: number
  /** Stop after so many milliseconds. Default: no end. */
  ms?: number
  /** Milliseconds at the beginning that are not measured. Default 0. */
  warmUpMs?: number
  /** Who writes by the first connection; the next connection is the next writer. Default 0. */
  firstWriter?: number
}

export interface AppendResult {
  /** All messages that were acknowledged, those of the warm-up included. */
  acknowledged: number
  perSecond: number
  /** Of each append that was measured. */
  latenciesMs: number[]
}

/** Appends messages one by one over several connections, each waiting for its answer. */
export async function appendLoop(url: string, load: AppendLoad): Promise<AppendResult> {
  const { connections, messages = Infinity, ms = Infinity, warmUpMs = 0, firstWriter = 0 } = load
  const lines = await Promise.all(Array.from({ length: connections }, () => connect(url)))
  const began = performance.now()
  const latenciesMs: number[] = []
  let sent = 0
  let acknowledged = 0

  await Promise.all(lines.map((line, i) => write(line, firstWriter + i)))
  const ended = performance.now()
  for (const line of lines) line.close()
  const seconds = (ended - began - warmUpMs) / 1000
  return { acknowledged, perSecond: latenciesMs.length / seconds, latenciesMs }

  function write(line: Connection, writer: number): Promise<void> {
    const request = writeRequest('POST', url, Buffer.from(`[${blankMessage()}]`, 'latin1'))
    const at = request.length - blankMessage().length - 1
    return new Promise((resolve, reject) => {
      let number = 0
      let startedAt = 0
      let failed: string | undefined
      const sink: Sink = {
        head(status, head) {
          if (status !== 204 && status !== 200) failed = head()
        },
        end() {
          const now = performance.now()
          if (failed !== undefined) return reject(new Error(`POST ${url} was answered: ${failed}`))
          acknowledged++
          if (startedAt - began >= warmUpMs) latenciesMs.push(now - startedAt)
          next(now)
        },
      }
      const next = (now: number): void => {
        if (sent >= messages || now - began >= ms) return resolve()
        sent++
        startedAt = now
        stampMessage(request, at, { number: number++, writer, sentUs: clockUs() })
        line.send(request, sink)
      }
      next(performance.now())
    })
  }
}
