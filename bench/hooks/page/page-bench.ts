/** What a page has measured, from `begin` to `end`. */
export interface PageFigures {
  /** From each key press to the frame that shows it, in milliseconds. */
  typingMs: number[]
  /** The same of each click. */
  clickingMs: number[]
  /** The longest input by the browser's own account (Event Timing), in steps of 8 ms. */
  longestEventMs: number
  /** From the writing of a value to each hook that shows it, in milliseconds. */
  delaysMs: number[]
  /** How often a component with a hook rendered; in Solid, how often its text was set. */
  renders: number
}

/** What a page can be asked, as `bench` of its window. */
export interface PageBench {
  /** What each hook shows. */
  shown(): number[]
  begin(): void
  end(): PageFigures
}
