import { lazy, Suspense, type ComponentType, type MouseEvent, type ReactNode } from 'react'
import { CounterRoom } from './counter/counter-room.tsx'
import { ConnectionNotice } from './shell/connection-notice.tsx'
import { ConnectionProvider } from './shell/connection.tsx'
import { Header } from './shell/header.tsx'
import { RefusedWrites } from './shell/refused-writes.tsx'
import { useRoute, type Section } from './shell/route.ts'
import { TodoRoom } from './todos/todo-room.tsx'

/**
 * One room at a time. A browser opens six connections to a host, over all its tabs, so a room that
 * is not shown is unmounted, and with it goes its stream.
 */
const ROOMS: Record<Section, ComponentType<{ detail: string }>> = {
  counter: CounterRoom,
  todos: TodoRoom,
  chat: lazy(() => import('./chat/chat-room.tsx')),
  board: lazy(() => import('./board/board-room.tsx')),
}

export function App(): ReactNode {
  const { section, detail } = useRoute()
  const Room = ROOMS[section]
  return (
    <ConnectionProvider>
      <SkipLink />
      <Header section={section} />
      <main id="main" tabIndex={-1}>
        <ConnectionNotice />
        <RefusedWrites />
        <Suspense fallback={<p className="loading">Opening the room…</p>}>
          <Room detail={detail} />
        </Suspense>
      </main>
    </ConnectionProvider>
  )
}

/** The address bar holds the route, so a plain `#main` would leave the room. */
function SkipLink(): ReactNode {
  function skip(event: MouseEvent): void {
    event.preventDefault()
    document.getElementById('main')?.focus()
  }
  return (
    <a className="skip-link" href="#main" onClick={skip}>
      Skip to the room
    </a>
  )
}
