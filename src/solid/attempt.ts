/**
 * Does something now, in a computation that must not throw itself: whoever reads it is told.
 *
 * @returns what gives the result, or throws, as often as it is called.
 */
export function attempt<Result>(act: () => Result): () => Result {
  try {
    const result = act()
    return () => result
  } catch (error) {
    return () => {
      throw error
    }
  }
}
