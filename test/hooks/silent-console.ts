import { afterEach, beforeEach, expect, vi } from 'vitest'

let said: string[] = []

/**
 * Fails each test of the calling group in which anything is said to the console.
 *
 * @param allowed what may be said.
 */
export function expectSilentConsole(allowed?: RegExp): void {
  beforeEach(() => {
    said = []
    for (const name of ['error', 'warn'] as const) {
      vi.spyOn(console, name).mockImplementation((...words) => void said.push(words.join(' ')))
    }
  })
  afterEach(() => {
    vi.restoreAllMocks()
    expect(said.filter((words) => !allowed?.test(words))).toEqual([])
  })
}

/** What was said until now was meant to be: a framework tells of what an error boundary catches. */
export function forgetConsole(): void {
  said = []
}
