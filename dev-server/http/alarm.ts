/** Lets one loop sleep until something may have changed. A ring between two waits is not lost. */
export class Alarm {
  #rung = false
  #wake: (() => void) | undefined

  readonly ring = (): void => {
    if (!this.#wake) this.#rung = true
    this.#wake?.()
    this.#wake = undefined
  }

  /** Resolves at the next ring, or at once if it rang since the last wait. */
  wait(): Promise<void> {
    if (!this.#rung) return new Promise((resolve) => (this.#wake = resolve))
    this.#rung = false
    return Promise.resolve()
  }
}
