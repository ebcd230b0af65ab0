import {
  Component,
  type ComponentType,
  Profiler,
  type ReactElement,
  type ReactNode,
  Suspense,
  useLayoutEffect,
  useState,
} from 'react'
import type { Shown, UserProps } from './react-components.tsx'

/** What a slot tells. */
export interface SlotEvents {
  onMount: (control: SlotControl) => void
  onRender: () => void
  onShown: (shown: Shown) => void
  onCaught: (error: unknown) => void
}

/** What a slot is told. */
export interface SlotControl {
  setKey: (key: string) => void
  rerender: () => void
  tryAgain: () => void
}

interface SlotProps<Use extends { key?: string }> {
  user: ComponentType<UserProps<Use>>
  use: Use
  events: SlotEvents
}

/** One component, with what stands in for it while it waits, and when it fails. */
export function Slot<Use extends { key?: string }>({
  user: User,
  use,
  events: { onMount, onRender, onShown, onCaught },
}: SlotProps<Use>): ReactElement {
  const [name, setName] = useState(use.key ?? '')
  const [times, setTimes] = useState(0)
  const [attempt, setAttempt] = useState(0)
  useLayoutEffect(
    () =>
      onMount({
        setKey: setName,
        rerender: () => setTimes((times) => times + 1),
        tryAgain: () => setAttempt((attempt) => attempt + 1),
      }),
    [onMount],
  )
  return (
    <Boundary key={attempt} onCaught={onCaught}>
      <Suspense fallback={<i data-screen="waiting" />}>
        <Profiler id="slot" onRender={onRender}>
          <User use={use} name={name} data-times={times} onShown={onShown} />
        </Profiler>
      </Suspense>
    </Boundary>
  )
}

class Boundary extends Component<
  { children: ReactNode; onCaught: (error: unknown) => void },
  { hasFailed: boolean }
> {
  override state = { hasFailed: false }
  static getDerivedStateFromError(): { hasFailed: boolean } {
    return { hasFailed: true }
  }
  override componentDidCatch(error: unknown): void {
    this.props.onCaught(error)
  }
  override render(): ReactNode {
    return this.state.hasFailed ? <b data-screen="failed" /> : this.props.children
  }
}
