import type { ReactElement } from 'react'
import { HydrationBoundary, PartyProvider } from 'streamwell/react'
import type { Arrival } from '../../door/answer-page.ts'
import { Head } from './head.tsx'
import { NotesPage } from '../../door/react/notes-page.tsx'
import { TodayPage } from '../../door/react/today-page.tsx'
import { usePages } from './use-pages.ts'

/** The same on the server and in the browser, with the same data: so the markup is the same. */
export function App({ path, shell, page }: Arrival): ReactElement {
  const { current, go } = usePages({ path, data: page })
  return (
    <PartyProvider>
      <HydrationBoundary data={shell}>
        <div className="door">
          <Head path={current.path} go={go} />
          <HydrationBoundary data={current.data}>
            <main>{current.path === '/' ? <TodayPage /> : <NotesPage />}</main>
          </HydrationBoundary>
        </div>
      </HydrationBoundary>
    </PartyProvider>
  )
}
