/** @jsxImportSource solid-js */
import { fireEvent, within } from '@testing-library/dom'
import type { JSX } from 'solid-js'
import { render } from 'solid-js/web'
import { onTestFinished } from 'vitest'
import { PartyProvider } from '../../src/solid/index.ts'
import { countingFetch } from './counting-fetch.ts'

export { fireEvent }

export type SolidPage = ReturnType<typeof within> & { unmount: () => void }

/** A page of Solid: what is in it shares nothing with other pages but the server. */
export function openPage(
  children: () => JSX.Element,
  serverUrl: string,
  fetch: typeof globalThis.fetch = countingFetch().fetch,
): SolidPage {
  const place = document.body.appendChild(document.createElement('div'))
  const unmount = render(
    () => (
      <PartyProvider serverUrl={serverUrl} fetch={fetch}>
        {children()}
      </PartyProvider>
    ),
    place,
  )
  onTestFinished(() => {
    unmount()
    place.remove()
  })
  return { ...within(place), unmount }
}
