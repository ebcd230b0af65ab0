import { linkedController } from './abort-link.ts'

/** Settles as `promise` does, but rejects as soon as `signal` aborts. */
export function untilAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (!signal) return promise
  return new Promise((resolve, reject) => {
    const wait = linkedController(signal, reject)
    // Without a reason it would be an error with a stack, made for nobody.
    promise.then(resolve, reject).finally(() => wait.abort(1))
  })
}
