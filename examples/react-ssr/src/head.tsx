import type { MouseEvent, ReactElement } from 'react'
import { type PagePath, PAGES } from '../../door/pages.ts'
import { Signs } from '../../door/react/signs.tsx'

interface HeadProps {
  path: PagePath
  go: (path: PagePath) => void
}

export function Head({ path, go }: HeadProps): ReactElement {
  return (
    <header className="head">
      <strong>Fridge door</strong>
      <nav aria-label="Pages">
        {PAGES.map((page) => (
          <a
            key={page.path}
            href={page.path}
            aria-current={page.path === path ? 'page' : undefined}
            onClick={(event) => followHere(event, () => go(page.path))}
          >
            {page.name}
          </a>
        ))}
      </nav>
      <Signs />
    </header>
  )
}

/** Clicks that ask for a new tab or window stay the browser's. */
function followHere(event: MouseEvent, follow: () => void): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  follow()
}
