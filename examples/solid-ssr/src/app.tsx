import { type JSX, Show } from 'solid-js'
import { HydrationBoundary, PartyProvider } from 'streamwell/solid'
import type { Arrival } from '../../door/answer-page.ts'
import { createPages } from './create-pages.ts'
import { Head } from './head.tsx'
import { NotesPage } from './notes-page.tsx'
import { TodayPage } from './today-page.tsx'

/** The same on the server and in the browser, with the same data: so the markup is the same. */
export function App(props: Arrival): JSX.Element {
  const { current, go } = createPages({ path: props.path, data: props.page })
  return (
    <PartyProvider>
      <HydrationBoundary data={props.shell}>
        <div class="door">
          <Head path={current().path} go={go} />
          <main>
            <Show when={current()} keyed>
              {({ path, data }) => (
                <HydrationBoundary data={data}>
                  <Show when={path === '/'} fallback={<NotesPage />}>
                    <TodayPage />
                  </Show>
                </HydrationBoundary>
              )}
            </Show>
          </main>
        </div>
      </HydrationBoundary>
    </PartyProvider>
  )
}
