import { connect } from '../../harness/connection.ts'
import { clockUs, createMessageScanner, messageBatch, stampMessage } from '../../harness/message.ts'
import { percentile } from '../../harness/statistics.ts'
import { readRequest, writeRequest } from './request.ts'
import { tailOf } from './stream.ts'
import { createOrderCheck } from './verify.ts'

/** Milliseconds from the sending of an append to its arrival at a reader; each waits for the last. */
export async function deliveryP50(url: string, messages: number): Promise<number> {
  const [writer, reader, offset] = [await connect(url), await connect(url), await tailOf(url)]
  const latenciesMs: number[] = []
  const check = createOrderCheck()
  let arrived: (() => void) | undefined
  await new Promise<void>((resolve) => {
    reader.send(readRequest(url, { live: 'sse', offset }), {
      head: () => resolve(),
      body: createMessageScanner((message) => {
        check.see(message)
        latenciesMs.push((clockUs() - message.sentUs) / 1000)
        arrived?.()
      }),
      end: () => undefined,
    })
  })
  const body = messageBatch(0, 0, 1)
  const request = writeRequest('POST', url, body)
  const at = request.length - body.length + 1
  for (let number = 0; number < messages; number++) {
    const delivered = new Promise<void>((resolve) => (arrived = resolve))
    stampMessage(request, at, { number, writer: 0, sentUs: clockUs() })
    await Promise.all([delivered, writer.ask(request)])
  }
  writer.close()
  reader.close()
  return percentile(latenciesMs.slice(messages >> 2), 0.5)
}
