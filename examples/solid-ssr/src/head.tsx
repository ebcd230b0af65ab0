import { For, type JSX } from 'solid-js'
import { useConnectionStatus, useServerState } from 'streamwell/solid'
import { COFFEE_KEY } from '../../door/keys.ts'
import { type PagePath, PAGES } from '../../door/pages.ts'
import { sayConnection } from '../../door/say-connection.ts'

interface HeadProps {
  path: PagePath
  go: (path: PagePath) => void
}

export function Head(props: HeadProps): JSX.Element {
  const [cups] = useServerState(0, COFFEE_KEY)
  const connection = useConnectionStatus()
  return (
    <header class="head">
      <strong>Fridge door</strong>
      <nav aria-label="Pages">
        <For each={PAGES}>
          {(page) => (
            <a
              href={page.path}
              aria-current={page.path === props.path ? 'page' : undefined}
              onClick={(event) => followHere(event, () => props.go(page.path))}
            >
              {page.name}
            </a>
          )}
        </For>
      </nav>
      <div class="signs">
        <span aria-label="Cups so far">☕ {cups()}</span>
        <span
          role="status"
          aria-label="Connection"
          class="connection"
          data-kind={connection().kind}
        >
          {sayConnection(connection().kind)}
        </span>
      </div>
    </header>
  )
}

/** Clicks that ask for a new tab or window stay the browser's. */
function followHere(event: MouseEvent, follow: () => void): void {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  event.preventDefault()
  follow()
}
