import type { ReactNode } from 'react'
import { useConnection } from './connection.tsx'
import { hrefTo, SECTIONS, type Section } from './route.ts'
import { StatusPill } from './status-pill.tsx'
import { ThemeToggle } from './theme-toggle.tsx'

const LABELS: Record<Section, string> = {
  counter: 'Counter',
  todos: 'Todos',
  chat: 'Chat',
  board: 'Board',
}

export function Header({ section }: { section: Section }): ReactNode {
  return (
    <header className="site-header">
      <a className="brand" href={hrefTo('counter')}>
        <Mark />
        Streamwell
      </a>
      <nav className="site-nav" aria-label="Rooms">
        {SECTIONS.map((name) => (
          <a key={name} href={hrefTo(name)} aria-current={name === section ? 'page' : undefined}>
            {LABELS[name]}
          </a>
        ))}
      </nav>
      <div className="site-tools">
        <StatusPill status={useConnection()} />
        <ThemeToggle />
      </div>
    </header>
  )
}

function Mark(): ReactNode {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="4" />
      <circle cx="16" cy="16" r="9" />
      <circle cx="16" cy="16" r="14" />
    </svg>
  )
}
