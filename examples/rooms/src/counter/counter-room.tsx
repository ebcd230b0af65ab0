import type { ReactNode } from 'react'
import { useServerState } from 'streamwell/react'
import { useReportStatus } from '../shell/connection.tsx'
import { PageHeading } from '../shell/page-heading.tsx'
import { PendingLine } from '../shell/pending-line.tsx'
import { Rings } from './rings.tsx'
import { RoomsList } from './rooms-list.tsx'
import { Snippet } from './snippet.tsx'
import '../styles/counter.css'

export function CounterRoom(): ReactNode {
  const [count, setCount, meta] = useServerState(0, 'rooms/counter')
  useReportStatus(meta.status)
  return (
    <>
      <PageHeading title="Shared counter">
        One number for everyone who has this page open. Open it twice and click in both: the clicks
        add up, none is lost, and it survives a reload.
      </PageHeading>
      <section className="counter-stage card" aria-label="Counter" aria-busy={!meta.isLoaded}>
        <div className="count" data-size={String(count).length > 4 ? 'long' : 'short'}>
          <Rings drop={count} />
          <output aria-label="Count">{count.toLocaleString('en')}</output>
        </div>
        <div className="count-buttons">
          <RoundButton
            label="Take one away"
            onClick={() => setCount((n) => n - 1)}
            path="M5 12h14"
          />
          <button type="button" className="button" onClick={meta.reset}>
            Reset to zero
          </button>
          <RoundButton
            label="Add one"
            onClick={() => setCount((n) => n + 1)}
            path="M5 12h14M12 5v14"
            primary
          />
        </div>
        <PendingLine pending={meta.pending} />
      </section>
      <div className="home-below">
        <Snippet />
        <RoomsList />
      </div>
    </>
  )
}

interface RoundButtonProps {
  label: string
  onClick: () => void
  /** Strokes of the icon. */
  path: string
  primary?: boolean
}

function RoundButton({ label, onClick, path, primary = false }: RoundButtonProps): ReactNode {
  return (
    <button
      type="button"
      className={primary ? 'round-button primary' : 'round-button'}
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d={path} />
      </svg>
    </button>
  )
}
