import { stream } from '../../src/core/index.ts'

/** What a page of the client follows. It is in the page's address, so that a reload follows it again. */
export interface Watch {
  /** Address of the streams, and the name of each below it. */
  root: string
  names: readonly string[]
  connection?: 'browser' | 'page' | 'stream'
  live?: true | 'sse' | 'long-poll'
  /** Sent as a credential. */
  token?: string
}

/** What came of one stream. */
export interface Watched {
  items: number[]
  /** When each of them came, in milliseconds since 1970. */
  times: number[]
  /** Since when it was live for the first time. */
  liveAt: number
  /** Its status; of one that failed the error. */
  status: string
}

declare global {
  interface Window {
    watched: Record<string, Watched>
  }
}

const now = (): number => performance.timeOrigin + performance.now()

function follow({ root, connection, live = true, token }: Watch, name: string): void {
  const watched: Watched = { items: [], times: [], liveAt: 0, status: '' }
  window.watched[name] = watched
  const fail = (error: unknown): void => {
    watched.status = String(error)
    show()
  }
  void stream<number>({
    url: `${root}/${name}`,
    connection,
    live,
    headers: { authorization: token && `Bearer ${token}` },
    onStatus({ kind }) {
      watched.status = kind
      if (kind === 'live') watched.liveAt ||= now()
      show()
    },
  }).then((response) => {
    response.subscribeJson(({ items }) => {
      watched.items.push(...items)
      watched.times.push(...items.map(now))
      show()
    })
    return response.closed.catch(fail)
  }, fail)
}

let isShown = true

/** At most once per turn, for whoever looks at the page. */
function show(): void {
  if (!isShown) return
  isShown = false
  setTimeout(() => {
    isShown = true
    const all = Object.entries(window.watched)
    const live = all.filter(([, { status }]) => status === 'live')
    const items = all.reduce((sum, [, { items }]) => sum + items.length, 0)
    const lines = all.map(([name, { status, items }]) => `${name} ${status} ${items.at(-1) ?? '-'}`)
    const title = document.createElement('h1')
    title.textContent = `${live.length} of ${all.length} live, ${items} updates`
    const list = document.createElement('pre')
    list.style.columns = '6'
    list.textContent = lines.join('\n')
    document.querySelector('main')!.replaceChildren(title, list)
  })
}

window.watched = {}
const watch = JSON.parse(new URLSearchParams(location.search).get('watch')!) as Watch
for (const name of watch.names) follow(watch, name)
