import type { Metadata } from 'next'
import type { ReactElement, ReactNode } from 'react'
import { HydrationBoundary, PartyProvider } from 'streamwell/react'
import '../../door/door.css'
import { loadShell } from '../../door/load-page.ts'
import { DESCRIPTION } from '../../door/pages.ts'
import { ownStreams } from '../lib/streams.ts'
import { Head } from './head.tsx'

export const metadata: Metadata = { description: DESCRIPTION }

/** Pages are rendered for each request: what they show is of this moment. */
export const dynamic = 'force-dynamic'

export default async function Layout({ children }: { children: ReactNode }): Promise<ReactElement> {
  return (
    <html lang="en">
      <body>
        <PartyProvider>
          <HydrationBoundary data={await loadShell(ownStreams)}>
            <div className="door">
              <Head />
              <main>{children}</main>
            </div>
          </HydrationBoundary>
        </PartyProvider>
      </body>
    </html>
  )
}
