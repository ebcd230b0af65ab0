import type { BackoffPolicy } from '../../core/backoff.ts'
import { decodeJson } from '../../core/decode.ts'
import { createEndpoint, type EndpointOptions } from '../../core/endpoint.ts'
import { follow } from '../../core/follow.ts'
import type { JsonStream } from '../../core/json-stream.ts'
import { post, type Producer } from '../../core/post.ts'
import { JSON_CONTENT_TYPE } from '../../core/protocol.ts'
import { randomId } from '../../core/random-id.ts'
import { withRetry } from '../../core/retry.ts'
import { sendWithRetry } from '../../core/send.ts'

/**
 * The least that a store needs of a stream: it has one request under way at a time, and so no need
 * of a queue. A request that is repeated after a lost answer is stored once. Protocol section 4.
 */
export function createStoreStream(
  options: EndpointOptions & { backoff?: Partial<BackoffPolicy> | undefined },
): JsonStream {
  // A write is shown and stays pending for as long as the network is away.
  const patient = { maxAttempts: Infinity, maxTotalMs: Infinity }
  const endpoint = createEndpoint({ ...options, backoff: { ...patient, ...options.backoff } })
  const target = { endpoint, contentType: JSON_CONTENT_TYPE }
  const headers = { 'content-type': JSON_CONTENT_TYPE }
  let own = newProducer()

  const appendAs: JsonStream['appendAs'] = ({ id, ...number }, values) => {
    const write = { ...number, body: JSON.stringify(values) }
    return withRetry(() => post(target, write, id), endpoint.backoff)
  }

  return {
    url: endpoint.url.href,
    create: () => sendWithRetry(endpoint, { method: 'PUT', headers }),
    follow: (read) => decodeJson(follow(endpoint, { ...read }, read?.signal)),
    appendAs,
    async appendAll(values) {
      try {
        const appended = await appendAs(own, values)
        own.seq++
        return appended
      } catch (error) {
        // Its number may be taken or not: later writes must not be mistaken for its repetition.
        own = newProducer()
        throw error
      }
    },
  }
}

export function newProducer(): Producer {
  return { id: randomId(), epoch: 0, seq: 0 }
}
