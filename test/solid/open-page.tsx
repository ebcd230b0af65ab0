/** @jsxImportSource solid-js */
import type { JSX } from 'solid-js'
import { render } from 'solid-js/web'
import { onTestFinished } from 'vitest'
import { PartyProvider, type PartyProviderProps } from '../../src/solid/index.ts'

export interface OpenPage {
  element: HTMLElement
  close: () => void
}

/** Renders a page that shares nothing with others but the server, until the test ends. */
export function openPage(page: () => JSX.Element, options: PartyProviderProps): OpenPage {
  const element = document.body.appendChild(document.createElement('div'))
  const fetch: typeof globalThis.fetch = (...request) =>
    (options.fetch ?? globalThis.fetch)(...request)
  const Page = page
  const close = render(
    () => (
      <PartyProvider {...options} fetch={fetch}>
        <Page />
      </PartyProvider>
    ),
    element,
  )
  onTestFinished(() => {
    close()
    element.remove()
  })
  return { element, close }
}
