import type { Endpoint, EndpointRequest } from './endpoint.ts'
import { openLine } from './line.ts'

/**
 * One request that is no read, tried once, with its whole answer.
 *
 * @throws {StreamError} for no answer within the endpoint's `timeoutMs`, and for one that is no success.
 */
export async function send(endpoint: Endpoint, request: EndpointRequest): Promise<Response> {
  const line = openLine(request.signal, endpoint.timeoutMs, endpoint.timeoutMs)
  try {
    const response = await endpoint.request({ ...request, signal: line.signal })
    // An answer that is not read to its end counts as failed in a browser, and costs its connection.
    await response.arrayBuffer().catch(() => undefined)
    return response
  } finally {
    line.close()
  }
}
