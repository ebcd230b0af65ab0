/** A response that stays open, through either door. */
export interface LiveResponse {
  /** The caller went away, or the response ended. */
  readonly gone: boolean
  /** The caller takes no more for now: write nothing until that changes. */
  readonly full: boolean
  /** `listener` is called when the caller goes away, and when there is room again. */
  onChange(listener: () => void): void
  write(bytes: Uint8Array): void
}
