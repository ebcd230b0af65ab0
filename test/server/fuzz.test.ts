import { expect, it, onTestFinished, vi } from 'vitest'
import { hostileRequests, seededRandom, type HostileRequest } from '../support/hostile-requests.ts'
import { connectTo, parseAnswers, readAll, type RawAnswer } from '../support/raw-http.ts'
import { createStream, post, startServer } from '../support/server.ts'

const REQUESTS = 100_000
const AT_ONCE = 12
const PER_CONNECTION = 50
const LAST = 'GET /v1/stream/last?offset=-1 HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n'

/** What one connection is used for: requests one after the other, and how they end. */
function nextBatch(requests: ReturnType<typeof hostileRequests>, end: number): HostileRequest[] {
  if (end < 0.1) return [requests.unfinished()]
  const batch = Array.from({ length: PER_CONNECTION }, requests.whole)
  return [...batch, end < 0.5 ? requests.broken() : { kind: 'whole', text: LAST }]
}

/** Sends all at once, and gives the answers; of what is left unfinished nobody waits for one. */
async function send(url: string, batch: readonly HostileRequest[]): Promise<RawAnswer[]> {
  const socket = await connectTo(url)
  const all = readAll(socket)
  const text = batch.map((request) => request.text).join('')
  if (batch.at(-1)!.kind === 'unfinished') socket.write(text, 'latin1', () => socket.destroy())
  else socket.write(text, 'latin1')
  return parseAnswers(await all)
}

/** What is wrong with these answers to `batch`; nothing if all is well. */
function fault(
  batch: readonly HostileRequest[],
  answers: readonly RawAnswer[],
): string | undefined {
  const failed = answers.findIndex(({ status }) => status >= 500)
  if (failed >= 0) return `${answers[failed]!.status} for ${JSON.stringify(batch[failed]!.text)}`
  const careless = answers.findIndex(
    ({ headers }) => headers['x-content-type-options'] !== 'nosniff',
  )
  if (careless >= 0) return `no nosniff for ${JSON.stringify(batch[careless]!.text)}`
  const whole = batch.filter(({ kind }) => kind === 'whole').length
  // Who asks for leave to send too much is told to hang up.
  if (answers.length >= whole || answers.at(-1)?.headers['connection'] === 'close') return undefined
  return `${answers.length} answers to ${whole} requests: ${JSON.stringify(batch[answers.length])}`
}

it('answers 100,000 requests of the worst kind without a failure of its own', async () => {
  const onError = vi.fn<(error: unknown) => void>()
  const onRejection = vi.fn<(error: unknown) => void>()
  process.on('unhandledRejection', onRejection)
  onTestFinished(() => void process.off('unhandledRejection', onRejection))
  const { url } = await startServer({
    onError,
    maxBodyBytes: 4096,
    longPollTimeoutMs: 1,
    sseLifetimeMs: 1,
  })
  const random = seededRandom(20_261_121)
  const requests = hostileRequests(random)
  const faults: string[] = []
  const statuses = new Set<number>()

  let left = REQUESTS
  async function worker(): Promise<void> {
    while (left > 0 && faults.length === 0) {
      const batch = nextBatch(requests, random())
      left -= batch.length
      const answers = await send(url, batch)
      for (const { status } of answers) statuses.add(status)
      const found = fault(batch, answers)
      if (found) faults.push(found)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))

  expect(faults).toEqual([])
  expect(onError).not.toHaveBeenCalled()
  expect(onRejection).not.toHaveBeenCalled()
  // The grammar reached what it was made for.
  const reached = [200, 201, 204, 304, 400, 403, 404, 405, 409, 410, 413, 414, 431]
  expect(reached.filter((status) => !statuses.has(status))).toEqual([])

  const stream = await createStream(url, { path: 'after' })
  await post(stream, '"still here"')
  expect(await (await fetch(stream)).json()).toEqual(['still here'])
}, 120_000)
