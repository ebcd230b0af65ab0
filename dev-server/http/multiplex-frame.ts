import type { Answer } from './answer.ts'

const encoder = new TextEncoder()

/** The field of an event that names its stream; a canonical path has no line end. */
export function nameField(path: string): string {
  return `id: ${path}\n`
}

/** How a live read of the stream at `path` would be answered, as an event. */
export function encodeResponse(path: string, { status, headers, body }: Answer): Uint8Array {
  const head = `"status":${status},"headers":${JSON.stringify(headers ?? {})}`
  // The body of a refusal is JSON, on one line.
  const rest = typeof body === 'string' ? `,"body":${body}` : ''
  return encoder.encode(`event: response\n${nameField(path)}data:{${head}${rest}}\n\n`)
}

/** The end of that answer, as an event. */
export function encodeEnd(path: string): Uint8Array {
  return encoder.encode(`event: end\n${nameField(path)}data:\n\n`)
}
