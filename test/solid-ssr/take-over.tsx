/** @jsxImportSource solid-js */
import { type JSX, sharedConfig } from 'solid-js'
import { hydrate } from 'solid-js/web'
import { onTestFinished } from 'vitest'
import type { SolidRenderer } from '../support/render-solid.ts'

export interface Place {
  element: HTMLElement
  /** Everything that was to be read in it, from the server's markup on. */
  texts: string[]
}

/** Puts a server's answer on the page, head and all, and runs its scripts, as a browser does. */
export function receive(
  { headScript }: Pick<SolidRenderer<unknown>, 'headScript'>,
  html: string,
): Place {
  // A click ends the taking over, for the rest of a page's life; each test is a page of its own.
  Reflect.deleteProperty(globalThis, '_$HY')
  sharedConfig.done = false
  const element = document.body.appendChild(document.createElement('div'))
  const place: Place = { element, texts: [] }
  append(place, headScript() + html)
  const { texts } = place
  texts.push(element.textContent.trim())
  const observer = new MutationObserver(() => {
    const text = element.textContent.trim()
    if (text !== texts.at(-1)) texts.push(text)
  })
  observer.observe(element, { childList: true, characterData: true, subtree: true })
  onTestFinished(() => {
    observer.disconnect()
    element.remove()
  })
  return place
}

/** Adds what has come of an answer, and runs its scripts. */
export function append({ element }: Place, html: string): void {
  element.insertAdjacentHTML('beforeend', html)
  for (const script of element.querySelectorAll('script')) {
    // oxlint-disable-next-line no-eval -- A browser does no other.
    ;(0, eval)(script.textContent)
    script.remove()
  }
}

/** Takes over what has come, until the test ends. */
export function takeOver(page: () => JSX.Element, { element }: Place): void {
  onTestFinished(hydrate(page, element))
}
