import type { Endpoint, EndpointRequest } from './endpoint.ts'
import { openLine } from './line.ts'
import { withRetry } from './retry.ts'

/** One request that is no read, with its whole answer, tried as often as the endpoint's policy says. */
export function sendWithRetry(endpoint: Endpoint, request: EndpointRequest): Promise<Response> {
  return withRetry(() => send(endpoint, request), endpoint.backoff)
}

/** @throws {StreamError} for no answer within the endpoint's `timeoutMs`, and for one that is no success. */
export async function send(endpoint: Endpoint, request: EndpointRequest): Promise<Response> {
  const line = openLine(request.signal, endpoint.timeoutMs, endpoint.timeoutMs)
  try {
    const response = await endpoint.request({ ...request, signal: line.signal })
    // An answer that is not read to its end counts as failed in a browser, and costs its connection.
    await response.text().catch(() => '')
    return response
  } finally {
    line.close()
  }
}
