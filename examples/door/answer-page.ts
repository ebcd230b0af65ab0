import { type HydrationData, serializeForHtml } from 'streamwell/ssr'
import type { Streams } from './load-page.ts'
import { findPage, type PagePath, titleOf } from './pages.ts'

/** What a page brings along: the outer part for what all pages show, the inner one for its own. */
export interface PageData {
  shell: HydrationData
  page: HydrationData
}

/** A page that was asked for, with its data: all that rendering it takes. */
export interface Arrival extends PageData {
  path: PagePath
}

/** What an example's `src/entry-server.tsx` exports. */
export interface Entry {
  load(path: PagePath, streams: Streams): Promise<PageData>
  render(arrival: Arrival): Promise<{ head?: string; html: string }>
}

interface Answer {
  status: number
  type: string
  body: string
}

/** The path below which a page's data alone is served, for who comes from another page. */
const DATA = '/page-data'

/** Answers a request for a page, or for its data alone. */
export async function answerPage(
  url: string,
  streams: Streams,
  entry: Entry,
  template: () => Promise<string>,
): Promise<Answer> {
  const { pathname } = new URL(url, 'http://door')
  const isData = pathname.startsWith(`${DATA}/`)
  const path = findPage(isData ? pathname.slice(DATA.length) : pathname)
  if (!path) return { status: 404, type: 'text/plain', body: `No page at ${pathname}` }
  const data = await entry.load(path, streams)
  if (isData) return { status: 200, type: 'application/json', body: JSON.stringify(data) }
  const { head = '', html } = await entry.render({ ...data, path })
  const parts = {
    title: titleOf(path),
    head,
    html,
    data: serializeForHtml(data),
  }
  const body = (await template()).replaceAll(
    /<!--(title|head|html|data)-->/g,
    // By a function: in a text, `$&` and its like would be read as commands.
    (_, part: keyof typeof parts) => parts[part],
  )
  return { status: 200, type: 'text/html; charset=utf-8', body }
}
