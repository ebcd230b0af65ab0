/** @jsxImportSource solid-js */
import { createSignal, For, type JSX, Show } from 'solid-js'
import { render } from 'solid-js/web'
import { onTestFinished } from 'vitest'
import {
  HydrationBoundary,
  PartyProvider,
  useConnectionStatus,
  useFailures,
  useServerReducer,
  useServerReducerSuspense,
  useServerState,
  useServerStateSuspense,
  useStreamStatus,
} from '../../src/solid/index.ts'
import type { HydrationData } from '../../src/state/hydration.ts'
import type { HookFramework, HookPage, PageOptions } from './framework.ts'
import { type Component, putProbe, putView } from './solid-probe.tsx'

export const solid: HookFramework = { name: 'Solid', openPage }

function openPage(options: PageOptions): HookPage {
  const [components, setComponents] = createSignal<readonly Component[]>([])
  const place = document.body.appendChild(document.createElement('div'))
  const all = (): JSX.Element => <For each={components()}>{(Component) => <Component />}</For>
  const close = render(() => <Page {...options}>{all()}</Page>, place)
  onTestFinished(() => {
    close()
    place.remove()
  })

  function put(component: Component): () => void {
    setComponents((all) => [...all, component])
    return () => setComponents((all) => all.filter((one) => one !== component))
  }

  return {
    close,
    state({ initial, options, suspends, ...use }) {
      const hook = suspends ? useServerStateSuspense : useServerState
      return putProbe(put, use, (key) => hook(initial, key, options))
    },
    reducer({ reducer, initial, options, suspends, ...use }) {
      const hook = suspends ? useServerReducerSuspense : useServerReducer
      return putProbe(put, use, (key) => hook(reducer, initial, key, options))
    },
    failures: () => putView(put, useFailures),
    connection: () => putView(put, useConnectionStatus),
    stream: (key) => putView(put, () => useStreamStatus(key)),
  }
}

function Page(props: PageOptions & { children: JSX.Element }): JSX.Element {
  // One of its own, since what has the same server and the same credentials is shared.
  const fetch: typeof globalThis.fetch = (...request) =>
    (props.fetch ?? globalThis.fetch)(...request)
  return (
    <PartyProvider {...props} fetch={fetch}>
      <Boundaries of={props.boundaries ?? []}>{props.children}</Boundaries>
    </PartyProvider>
  )
}

function Boundaries(props: { of: readonly HydrationData[]; children: JSX.Element }): JSX.Element {
  return (
    <Show when={props.of.length > 0} fallback={props.children}>
      <HydrationBoundary data={props.of[0]}>
        <Boundaries of={props.of.slice(1)}>{props.children}</Boundaries>
      </HydrationBoundary>
    </Show>
  )
}
