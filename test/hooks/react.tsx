import { type ComponentType, type ReactElement, startTransition, StrictMode } from 'react'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import { onTestFinished } from 'vitest'
import { HydrationBoundary } from '../../src/react/hydration-boundary.tsx'
import { PartyProvider } from '../../src/react/party-provider.tsx'
import type { HookFramework, HookPage, PageOptions, Probe, View } from './framework.ts'
import * as users from './react-components.tsx'
import { Slot, type SlotControl, type SlotEvents } from './react-slot.tsx'

/** The hooks of React, on pages that are drawn at once. */
export const reactHooks: HookFramework = { name: 'React', openPage }

type AnyProbe = Probe<unknown, (...args: never[]) => void, never>

function openPage({ boundaries = [], isStrict = false, ...options }: PageOptions): HookPage {
  const container = document.body.appendChild(document.createElement('div'))
  const root = createRoot(container)
  const slots = new Map<string, ReactElement>()
  // What has the same server and the same credentials is shared, also between pages.
  const fetch: typeof globalThis.fetch = (...request) => globalThis.fetch(...request)
  const provider = { fetch, ...options }

  function draw(): void {
    let page = <>{[...slots.values()]}</>
    for (const data of boundaries.toReversed()) {
      page = <HydrationBoundary data={data}>{page}</HydrationBoundary>
    }
    page = <PartyProvider {...provider}>{page}</PartyProvider>
    flushSync(() => root.render(isStrict ? <StrictMode>{page}</StrictMode> : page))
  }

  function put<Use extends { key?: string }>(
    user: ComponentType<users.UserProps<Use>>,
    use: Use,
  ): never {
    const id = `slot-${slots.size}-${Math.random()}`
    const { probe, events } = watch({
      id,
      draw,
      unmount: () => {
        slots.delete(id)
        draw()
      },
    })
    const slot = <Slot user={user} use={use} events={events} />
    slots.set(
      id,
      <div key={id} id={id}>
        {slot}
      </div>,
    )
    draw()
    return probe as never
  }

  const close = (): void => {
    flushSync(() => root.unmount())
    container.remove()
  }
  onTestFinished(close)

  return {
    state: (use) => put((use.suspends ? users.SuspendingStateUser : users.StateUser) as never, use),
    reducer: (use) =>
      put((use.suspends ? users.SuspendingReducerUser : users.ReducerUser) as never, use),
    failures: () => put(users.FailuresUser, {}),
    connection: () => put(users.ConnectionUser, {}),
    stream: (key) => put(users.StreamUser, { key }),
    close,
  }
}

interface Watched {
  /** Of the element around the component. */
  id: string
  /** Brings the page up to date. */
  draw: () => void
  unmount: View<unknown>['unmount']
}

function watch({ id, draw, unmount }: Watched): { probe: AnyProbe; events: SlotEvents } {
  let shown: users.Shown = { value: undefined }
  const values: unknown[] = []
  let renders = 0
  let caught: unknown
  let control: SlotControl | undefined
  const events: SlotEvents = {
    onMount: (next) => void (control = next),
    onRender: () => void renders++,
    onShown(next) {
      if (values.length === 0 || !Object.is(next.value, shown.value)) values.push(next.value)
      shown = next
    },
    onCaught: (error) => void (caught = error),
  }
  const probe: AnyProbe = {
    get value() {
      return shown.value
    },
    values,
    get renders() {
      return renders
    },
    get screen() {
      const element = document.getElementById(id)
      const screens = ['failed', 'waiting', 'shown'] as const
      return screens.find((name) => element?.querySelector(`[data-screen=${name}]`)) ?? 'waiting'
    },
    get caught() {
      return caught
    },
    get meta() {
      return shown.meta! as AnyProbe['meta']
    },
    write(...args) {
      // A component that has only just appeared may not be subscribed before the next drawing.
      draw()
      flushSync(() => (shown.write as AnyProbe['write'])(...args))
    },
    changeKey: (key, how) =>
      how === 'transition'
        ? startTransition(() => control?.setKey(key))
        : flushSync(() => control?.setKey(key)),
    rerender: () => flushSync(() => control?.rerender()),
    tryAgain: () => flushSync(() => control?.tryAgain()),
    unmount,
  }
  return { probe, events }
}
