import type { Page } from 'playwright-core'

/** What went wrong in the pages of one test: errors, and what the console shows as one. */
export class PageFaults {
  readonly list: string[] = []
  /** What the browser itself may write to the console when a request fails. */
  readonly expected: RegExp[]

  constructor(expected: readonly RegExp[] = []) {
    this.expected = [...expected]
  }

  watch(page: Page): void {
    page.on('pageerror', (error) => this.list.push(error.stack ?? error.message))
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return
      const text = `${message.text()} ${message.location().url}`
      const isFailedRequest = text.startsWith('Failed to load resource')
      if (isFailedRequest && this.expected.some((reason) => reason.test(text))) return
      this.list.push(`${message.type()}: ${text}`)
    })
  }
}
