import { createFileRoute } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { HydrationBoundary } from 'streamwell/react'
import { NotesPage } from '../../../door/react/notes-page.tsx'
import { notes } from '../loaders.ts'

export const Route = createFileRoute('/notes')({ loader: () => notes(), component: Notes })

function Notes(): ReactElement {
  return (
    <HydrationBoundary data={Route.useLoaderData()}>
      <NotesPage />
    </HydrationBoundary>
  )
}
