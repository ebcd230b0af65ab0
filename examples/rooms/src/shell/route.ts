import { useSyncExternalStore } from 'react'

export const SECTIONS = ['counter', 'todos', 'chat', 'board'] as const
export type Section = (typeof SECTIONS)[number]

/** `#/board/node_modules%2Fzod` is the section `board` with the detail `node_modules/zod`. */
export interface Route {
  section: Section
  detail: string
}

export function parseHash(hash: string): Route {
  const [first = '', ...rest] = hash.replace(/^#?\/?/, '').split('/')
  const section = SECTIONS.find((name) => name === first)
  return section ? { section, detail: decode(rest.join('/')) } : { section: 'counter', detail: '' }
}

export function hrefTo(section: Section, detail = ''): string {
  const path = section === 'counter' ? '' : section
  return detail === '' ? `#/${path}` : `#/${section}/${encodeURIComponent(detail)}`
}

export function useRoute(): Route {
  return parseHash(useSyncExternalStore(subscribe, () => location.hash))
}

function subscribe(onChange: () => void): () => void {
  addEventListener('hashchange', onChange)
  return () => removeEventListener('hashchange', onChange)
}

/** A hand-typed address may hold a lone `%`. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
