import { linkedController } from '../../abort-link.ts'
import { SSE_CONTENT_TYPE } from '../../protocol.ts'
import type { LiveFetch } from '../live-fetch.ts'
import { createBody } from './body.ts'
import { MOVED, type Part } from './part.ts'

/** Answers of `local` that last as long as this part: for a tab that leads, or is alone. */
export function createOwn(local: LiveFetch, onIdle: () => void): Part {
  const running = new Set<() => void>()

  return {
    async fetch(request) {
      const askedAt = Date.now()
      const { init } = request
      let end = (): void => line.abort(MOVED)
      const line = linkedController(init.signal ?? undefined, () => {
        running.delete(end)
        onIdle()
      })
      const leave = (): void => line.abort(1)
      running.add(end)
      try {
        const response = await local({ ...request, init: { ...init, signal: line.signal } })
        line.signal.throwIfAborted()
        running.delete(end)
        // Whoever reads another takes its end for the end of all that it says.
        if (!isText(response)) return response
        const reader = response.body!.getReader()
        const pull = (): Promise<unknown> =>
          reader.read().then(({ value }) => (value ? body.push(value) : body.close()), body.fail)
        const body = createBody(init.signal, askedAt, pull, leave)
        end = () => {
          body.closeLater()
          leave()
        }
        running.add(end)
        return new Response(body.stream, response)
      } catch (error) {
        leave()
        throw line.signal.reason === MOVED ? MOVED : error
      }
    },
    isBusy: () => running.size > 0,
    hear: () => {},
    close() {
      for (const end of running) end()
    },
  }
}

/** Whether an answer is a text of events, which may end between any two. */
export function isText({ body, headers }: Response): boolean {
  return !!body && !!headers.get('content-type')?.startsWith(SSE_CONTENT_TYPE)
}
