/** An {@link ignorable} promise, and what settles it. */
export interface Deferred<Value> {
  promise: Promise<Value>
  resolve: (value: Value) => void
  reject: (error: unknown) => void
}

export function createDeferred<Value = void>(): Deferred<Value> {
  let resolve!: (value: Value) => void
  let reject!: (error: unknown) => void
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue
    reject = onError
  })
  return { promise: ignorable(promise), resolve, reject }
}

/** `promise`, to be awaited or not: its rejection is never an unhandled one. */
export function ignorable<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => {})
  return promise
}
