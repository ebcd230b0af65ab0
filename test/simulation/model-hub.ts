import { type ModelHost, pathOf } from './model-host.ts'
import { type Answer, type ModelRequest, refusal } from './model-server.ts'
import { event, type Outlet } from './server-sent-events.ts'

/** What goes wrong with one stream of many. */
export type MemberFault =
  | { kind: 'refused'; answer: Answer }
  /** After so many events that the stream's part has. */
  | { kind: 'ended'; after: number }

interface Member {
  path: string
  offset: string
}

const encoder = new TextEncoder()
const COMMENT_EVERY_MS = 15_000

/** Many streams in one answer: docs/protocol-extensions.md. */
export function serveMany(host: ModelHost, request: ModelRequest): Answer {
  const { clock, chance, hubLifetimeMs, fail } = host.options
  const members = membersIn(request)
  if (!members) {
    fail(`many streams were asked for by ${new TextDecoder().decode(request.body)}`)
    return refusal(400, 'This is no list of streams')
  }
  return {
    status: 200,
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
    events(outlet) {
      const stops = new Set<() => void>()
      let left = members.length
      const later = (ms: number, run: () => void): void => {
        const stop = clock.after(ms, () => {
          stops.delete(stop)
          run()
        })
        stops.add(stop)
      }
      const end = (): void => {
        leave()
        outlet.end()
      }
      const leave = (): void => {
        for (const stop of stops) stop()
        stops.clear()
      }
      const comment = (): void => {
        outlet.write(encoder.encode(': still here\n\n'), 'comment')
        later(COMMENT_EVERY_MS, comment)
      }
      const over = (): void => {
        if (--left === 0) end()
      }
      for (const member of members) {
        // The application is asked for each by itself, and takes its time.
        later(chance.happens(0.7) ? 0 : chance.between(1, 50), () => {
          stops.add(serveMember(host, request, member, { outlet, over, later }))
        })
      }
      // The first bytes come at once, whatever the application thinks about.
      outlet.write(encoder.encode(':\n\n'), 'comment')
      later(COMMENT_EVERY_MS, comment)
      later(hubLifetimeMs, end)
      return leave
    },
  }
}

interface Place {
  outlet: Outlet
  over: () => void
  later: (ms: number, run: () => void) => void
}

/** @returns what ends it. */
function serveMember(
  host: ModelHost,
  { query, headers }: ModelRequest,
  { path, offset }: Member,
  { outlet, over, later }: Place,
): () => void {
  const fault = host.options.drawFault()
  let eventsLeft = fault?.kind === 'ended' ? fault.after : Infinity
  let isOver = false
  let stop = (): void => undefined

  const tell = ({ status, headers, body }: Answer): void => {
    const said =
      status === 200 ? {} : { body: JSON.parse(new TextDecoder().decode(body)) as object }
    const text = JSON.stringify({ status, headers, ...said })
    outlet.write(event('response', [text], '\n', path), 'comment')
  }
  const end = (): void => {
    if (isOver) return
    isOver = true
    stop()
    outlet.write(event('end', [''], '\n', path), 'comment')
    over()
  }
  const own: Outlet = {
    write(bytes, what) {
      if (isOver || what === 'comment') return
      outlet.write(bytes, what)
      if (--eventsLeft === 0) later(0, end)
    },
    end,
  }
  const answered = (answer: Answer): void => {
    if (isOver) return
    if (!answer.events) {
      tell(answer)
      isOver = true
      return over()
    }
    tell({ ...answer, headers: { ...answer.headers, 'cache-control': 'no-store' } })
    stop = answer.events(own)
    if (eventsLeft === 0) end()
  }
  const asked = new URLSearchParams(query)
  asked.set('offset', offset)
  asked.set('live', 'sse')
  const one = { method: 'GET', path: pathOf(path), query: asked, headers, body: new Uint8Array() }
  if (fault?.kind === 'refused') answered(fault.answer)
  else host.read({ ...one, id: path }, answered)
  return () => {
    isOver = true
    stop()
  }
}

/** @returns nothing for what is no list of streams. */
function membersIn({ method, headers, body }: ModelRequest): Member[] | undefined {
  try {
    const { streams } = JSON.parse(new TextDecoder().decode(body)) as { streams: Member[] }
    const paths = new Set(streams.map(({ path }) => path))
    const isJson = headers.get('content-type') === 'application/json'
    const isWhole = streams.every(
      ({ path, offset }) => typeof path === 'string' && typeof offset === 'string',
    )
    if (method !== 'POST' || !isJson || !isWhole || streams.length === 0) return undefined
    return paths.size === streams.length ? streams : undefined
  } catch {
    return undefined
  }
}
