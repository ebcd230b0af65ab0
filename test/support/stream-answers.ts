import type { ServerResponse } from 'node:http'

/** What an answer to a plain read or a long-poll says of the stream. */
export interface Standing {
  next: string
  upToDate?: boolean
  closed?: boolean
  status?: number
  headers?: Record<string, string>
}

/** The headers of an answer of a JSON stream. Protocol section 5. */
export function standingHeaders({
  next,
  upToDate = true,
  closed,
  headers,
}: Standing): Record<string, string> {
  return {
    'content-type': 'application/json',
    'stream-next-offset': next,
    ...(upToDate && { 'stream-up-to-date': 'true' }),
    ...(closed && { 'stream-closed': 'true' }),
    ...headers,
  }
}

/** Answers a plain read or a long-poll with whole messages. */
export function answerItems(
  res: ServerResponse,
  items: readonly unknown[],
  standing: Standing,
): void {
  const { status = 200 } = standing
  res.writeHead(status, standingHeaders(standing))
  res.end(status === 204 ? undefined : JSON.stringify(items))
}

/** Begins an answer of server-sent events, and leaves it open. */
export function openEvents(res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'text/event-stream' })
  res.flushHeaders()
}

export function dataEvent(items: readonly unknown[]): string {
  return `event: data\ndata:${JSON.stringify(items)}\n\n`
}

export function controlEvent({ next, upToDate = true, closed }: Standing): string {
  const control = {
    streamNextOffset: next,
    ...(upToDate && { upToDate }),
    ...(closed ? { streamClosed: true } : { streamCursor: '7' }),
  }
  return `event: control\ndata:${JSON.stringify(control)}\n\n`
}
