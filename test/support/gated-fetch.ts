import { appends } from './live-reads.ts'
/** A fetch whose appends wait until they are let through; `arrived` tells of the first. */
export function gatedFetch(): { fetch: typeof fetch; arrived: Promise<void>; open: () => void } {
  let open = (): void => {}
  let arrive = (): void => {}
  const gate = new Promise<void>((resolve) => (open = resolve))
  return {
    open,
    arrived: new Promise<void>((resolve) => (arrive = resolve)),
    fetch: async (input, init) => {
      if (!appends(input, init)) return fetch(input, init)
      arrive()
      await gate
      return fetch(input, init)
    },
  }
}
