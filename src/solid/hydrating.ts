import { sharedConfig } from 'solid-js'

/**
 * What a reader gets of `present`: while the page takes over the server's markup, it is what the
 * server has rendered there. Parts of a page do so one after the other, and some of them late.
 *
 * @param renew runs the reader again, for it to get what is present.
 */
export function orAsServed<Value>(present: Value, served: Value, renew: () => void): Value {
  if (!sharedConfig.context || Object.is(present, served)) return present
  queueMicrotask(renew)
  return served
}
