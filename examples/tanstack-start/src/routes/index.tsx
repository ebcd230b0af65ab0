import { createFileRoute } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { HydrationBoundary } from 'streamwell/react'
import { TodayPage } from '../../../door/react/today-page.tsx'
import { today } from '../loaders.ts'

export const Route = createFileRoute('/')({ loader: () => today(), component: Today })

function Today(): ReactElement {
  return (
    <HydrationBoundary data={Route.useLoaderData()}>
      <TodayPage />
    </HydrationBoundary>
  )
}
