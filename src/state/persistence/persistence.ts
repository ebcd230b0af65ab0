/**
 * Where state is kept from one visit to the next: journals by name. A driver is small, since what
 * the records mean is not its business; those in this package are tested by one suite of laws.
 */
export interface Persistence {
  /** Opens the journal of this name. Rejects where nothing can be kept: private mode, no room. */
  open: (name: string) => Promise<Journal>
  /** Names, beginning with `prefix`, of the journals that hold something. */
  list: (prefix: string) => Promise<readonly string[]>
  /**
   * Makes the caller the one who may write under this name, among all tabs and processes that share
   * the storage, until it releases it or ends.
   *
   * @returns nothing when another has it and `wait` is not wished.
   * @throws the reason of `signal`, which ends the waiting.
   */
  lock: (
    name: string,
    options: { wait: boolean; signal?: AbortSignal | undefined },
  ) => Promise<Release | undefined>
}

/** Lets another have the lock. Again does nothing. */
export type Release = () => void

/** An ordered list of records, each one text. */
export interface Journal {
  /** All records, oldest first. */
  read: () => Promise<readonly string[]>
  /** Adds records at the end, as one step: a crash leaves all of them or none. */
  append: (records: readonly string[]) => Promise<void>
  /** Puts these in place of all others, as one step; none to forget everything. */
  replace: (records: readonly string[]) => Promise<void>
  /** Waits for what is under way, then lets go of it. */
  close: () => Promise<void>
}
