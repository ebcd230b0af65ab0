import { linkedController } from './abort-link.ts'

/** Settles as `promise` does, but rejects as soon as `signal` aborts. */
export function untilAborted<Result>(
  promise: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const wait = linkedController(signal, reject)
    promise.then(resolve, reject).finally(() => wait.abort())
  })
}
