import { afterEach, beforeEach, expect, vi } from 'vitest'

let said: unknown[] = []

/** Fails each test of the calling group in which anything is said to the console. */
export function expectSilentConsole(): void {
  beforeEach(() => {
    said = []
    for (const name of ['error', 'warn'] as const) {
      vi.spyOn(console, name).mockImplementation((...words) => void said.push(words.join(' ')))
    }
  })
  afterEach(() => {
    vi.restoreAllMocks()
    expect(said).toEqual([])
  })
}

/** What was said until now was meant to be: a framework tells of what an error boundary catches. */
export function forgetConsole(): void {
  said = []
}
