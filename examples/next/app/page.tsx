import type { Metadata } from 'next'
import type { ReactElement } from 'react'
import { HydrationBoundary } from 'streamwell/react'
import { loadToday } from '../../door/load-page.ts'
import { titleOf } from '../../door/pages.ts'
import { ownStreams } from '../lib/streams.ts'
import { Today } from './parts.tsx'

export const metadata: Metadata = { title: titleOf('/') }

export default async function TodayPage(): Promise<ReactElement> {
  return (
    <HydrationBoundary data={await loadToday(ownStreams)}>
      <Today />
    </HydrationBoundary>
  )
}
