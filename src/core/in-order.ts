/** Runs something at once, or behind what waits. */
export type InOrder = <Result>(run: () => Promise<Result>) => Promise<Result>

/**
 * Runs things in the order in which they were asked for: at once when all is ready for them, else
 * after `prepare`. What fails there is tried again by the next one.
 */
export function createOrder(isReady: () => boolean, prepare: () => Promise<unknown>): InOrder {
  let waiting = 0
  let preparing: Promise<unknown> | undefined

  async function later<Result>(run: () => Promise<Result>): Promise<Result> {
    waiting++
    const mine = (preparing ??= prepare())
    try {
      await mine
    } catch (error) {
      // Another one may have begun again meanwhile.
      if (preparing === mine) preparing = undefined
      throw error
    } finally {
      waiting--
    }
    return run()
  }
  return (run) => (waiting > 0 || !isReady() ? later(run) : run())
}
