/** @jsxImportSource solid-js */
import {
  type Accessor,
  createEffect,
  createSignal,
  ErrorBoundary,
  type JSX,
  mergeProps,
  startTransition,
  Suspense,
} from 'solid-js'
import type { Meta, MetaName, Probe, View } from './framework.ts'

export type Component = () => JSX.Element

/** What a component has shown, each value once. */
interface Log<Shown> {
  values: Shown[]
  renders: number
}

function note<Shown>(log: Log<Shown>, value: Shown): void {
  log.renders++
  if (log.values.length === 0 || !Object.is(log.values.at(-1), value)) log.values.push(value)
}

/** Puts a component on the page that shows what a hook gives. */
export function putView<Shown>(
  put: (it: Component) => () => void,
  use: () => Accessor<Shown>,
): View<Shown> {
  const log: Log<Shown> = { values: [], renders: 0 }
  const unmount = put(() => {
    const value = use()
    createEffect(() => note(log, value()))
    return <output>{JSON.stringify(value())}</output>
  })
  return viewOf(log, unmount)
}

function viewOf<Shown>(log: Log<Shown>, unmount: () => void): View<Shown> {
  return {
    get value() {
      return log.values.at(-1) as Shown
    },
    get values() {
      return log.values
    },
    get renders() {
      return log.renders
    },
    unmount,
  }
}

/** Puts a component on the page that uses a hook of one state. */
export function putProbe<Shown, Write, Action>(
  put: (it: Component) => () => void,
  use: { key: string; reads?: readonly MetaName[] | undefined },
  hook: (key: Accessor<string>) => [Accessor<Shown>, Write, Meta<Action>],
): Probe<Shown, Write, Action> {
  const log: Log<Shown> = { values: [], renders: 0 }
  const [key, setKey] = createSignal(use.key)
  let given!: [Accessor<Shown>, Write, Meta<Action>]
  let section!: HTMLElement
  let caught: unknown
  let again = (): void => undefined

  function Watched(): JSX.Element {
    given = hook(key)
    const [value, , meta] = given
    // Suspense holds it back for as long as it shows its fallback.
    createEffect(() => {
      for (const name of use.reads ?? []) void meta[name]
      note(log, value())
    })
    return <output data-screen="shown">{JSON.stringify(value())}</output>
  }

  function failed(error: unknown, reset: () => void): JSX.Element {
    caught = error
    again = reset
    return <p data-screen="failed" />
  }

  const unmount = put(() => (
    <section ref={(element) => (section = element)}>
      <ErrorBoundary fallback={failed}>
        <Suspense fallback={<p data-screen="waiting" />}>
          <Watched />
        </Suspense>
      </ErrorBoundary>
    </section>
  ))

  const own = {
    get screen() {
      return screenOf(section)
    },
    get caught() {
      return caught
    },
    get write() {
      return given[1]
    },
    get meta() {
      return given[2]
    },
    changeKey(next: string, how?: 'transition') {
      if (how === 'transition') void startTransition(() => setKey(next))
      else setKey(next)
    },
    rerender: () => undefined,
    tryAgain: () => again(),
  } satisfies Omit<Probe<Shown, Write, Action>, keyof View<Shown>>
  // Their getters stay getters.
  return mergeProps(viewOf(log, unmount), own)
}

function screenOf(section: HTMLElement): 'shown' | 'waiting' | 'failed' {
  const name = section.querySelector<HTMLElement>('[data-screen]')?.dataset['screen']
  return name as 'shown' | 'waiting' | 'failed'
}
