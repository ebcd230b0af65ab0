import type { Page } from 'playwright-core'

/** What can be watched: each is found by the name that its readers have for it. */
const WATCHED = {
  cups: '[aria-label="Cups so far"]',
  coffee: '[aria-label="Cups of coffee"]',
  shopping: 'ul[aria-label="Shopping list"]',
  notes: 'ul[aria-label="Notes"]',
} as const

export type Watched = keyof typeof WATCHED

type Recording = { frames: Record<Watched, (string | null)[]> }

/**
 * Records what a page shows, from its first byte on: at every change of the document, and in every
 * frame. To be called before the page is opened.
 */
export async function recordFrames(page: Page): Promise<void> {
  await page.addInitScript((watched) => {
    const frames = Object.fromEntries(Object.keys(watched).map((name) => [name, []]))
    Object.assign(window, { frames })
    /** A list as the texts of its entries, so that one which is half there stands out. */
    const textOf = (element: Element): string =>
      element.tagName === 'UL'
        ? Array.from(element.children, (li) => li.textContent).join(' | ')
        : (element.textContent ?? '')
    /** While the document arrives, an element may be half there, until something comes after it. */
    const isWhole = (node: Node | null): boolean =>
      document.readyState !== 'loading' ||
      (!!node && (!!node.nextSibling || isWhole(node.parentNode)))
    const look = (): void => {
      for (const [name, selector] of Object.entries(watched)) {
        const element = document.querySelector(selector)
        const seen = frames[name] as (string | null)[]
        if (!element && seen.length === 0) continue
        if (element && seen.length === 0 && !isWhole(element)) continue
        const text = element && textOf(element)
        if (seen.length === 0 || seen.at(-1) !== text) seen.push(text)
      }
    }
    new MutationObserver(look).observe(document, {
      subtree: true,
      childList: true,
      characterData: true,
    })
    const eachFrame = (): void => {
      look()
      requestAnimationFrame(eachFrame)
    }
    requestAnimationFrame(eachFrame)
  }, WATCHED)
}

/**
 * The texts that an element has had, one after the other, since it was first there; `null` where it
 * was gone. One entry: it never changed.
 */
export async function framesOf(page: Page, watched: Watched): Promise<(string | null)[]> {
  await nextFrames(page)
  return page.evaluate((name) => (window as unknown as Recording).frames[name], watched)
}

/** What was scheduled for the next frame, and what that has scheduled, is on the screen. */
async function nextFrames(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  )
}
