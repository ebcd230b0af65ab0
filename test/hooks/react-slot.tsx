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

/** What a slot tells, and what it is told. */
export interface SlotControl {
  onRender: () => void
  onShown: (key: string, shown: Shown) => void
  onCaught: (error: unknown) => void
  setKey: (key: string) => void
  rerender: () => void
  tryAgain: () => void
}

interface SlotProps<Use extends { key?: string }> {
  user: ComponentType<UserProps<Use>>
  use: Use
  control: SlotControl
}

/** One component, with what stands in for it while it waits, and when it fails. */
export function Slot<Use extends { key?: string }>({
  user: User,
  use,
  control,
}: SlotProps<Use>): ReactElement {
  const [name, setName] = useState(use.key ?? '')
  const [times, setTimes] = useState(0)
  const [attempt, setAttempt] = useState(0)
  useLayoutEffect(() => {
    control.setKey = setName
    control.rerender = () => setTimes((times) => times + 1)
    control.tryAgain = () => setAttempt((attempt) => attempt + 1)
  }, [control])
  const onShown = (shown: Shown): void => control.onShown(name, shown)
  return (
    <Boundary key={attempt} onCaught={control.onCaught}>
      <Suspense fallback={<i data-screen="waiting" />}>
        <Profiler id="slot" onRender={control.onRender}>
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
