/** What waits unread for one reader, in bytes, and one frame more. */
const QUEUE_BYTES = 256 * 1024

const encoder = new TextEncoder()
const PULSE = encoder.encode(':\n\n')

/** The body of one reader's answer: whole events of one stream. */
export interface HubBody {
  readonly stream: ReadableStream<Uint8Array>
  /** Says that the connection lives. */
  pulse(): void
  /**
   * @param from the offset that the reader has reached before it.
   * @returns whether there was room. One that is so far behind is told that it is, at the end of what
   *   it has, and goes on by plain reads.
   */
  push(frame: Uint8Array, from: string): boolean
  end(): void
  fail(error: unknown): void
}

/** @param onCancel is called when the reader goes away. */
export function openBody(onCancel: () => void): HubBody {
  let body!: ReadableStreamDefaultController<Uint8Array>
  const stream = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        body = controller
      },
      cancel: () => onCancel(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: QUEUE_BYTES }),
  )
  const hasRoom = (): boolean => body.desiredSize! > 0

  return {
    stream,
    pulse() {
      if (hasRoom()) body.enqueue(PULSE)
    },
    push(frame, from) {
      const fits = hasRoom()
      body.enqueue(fits ? frame : encoder.encode(behind(from)))
      return fits
    },
    end: () => body.close(),
    fail: (error) => body.error(error),
  }
}

function behind(streamNextOffset: string): string {
  return `event: control\ndata:${JSON.stringify({ streamNextOffset })}\n\n`
}
