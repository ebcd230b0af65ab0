import type { Line } from './line.ts'

/** The bytes of a body as they come. */
export async function* chunksOf({ body }: Response, line: Line): AsyncGenerator<Uint8Array, void> {
  const reader = body?.getReader()
  for (;;) {
    const chunk = await line.awaited(reader?.read())
    if (!chunk?.value) return
    yield chunk.value
  }
}
