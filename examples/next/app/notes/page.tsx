import type { Metadata } from 'next'
import type { ReactElement } from 'react'
import { HydrationBoundary } from 'streamwell/react'
import { loadNotes } from '../../../door/load-page.ts'
import { titleOf } from '../../../door/pages.ts'
import { ownStreams } from '../../lib/streams.ts'
import { Notes } from '../parts.tsx'

export const metadata: Metadata = { title: titleOf('/notes') }

export default async function NotesPage(): Promise<ReactElement> {
  return (
    <HydrationBoundary data={await loadNotes(ownStreams)}>
      <Notes />
    </HydrationBoundary>
  )
}
