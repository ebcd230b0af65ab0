export interface Deferred<Value> {
  promise: Promise<Value>
  resolve: (value: Value | PromiseLike<Value>) => void
  reject: (error: unknown) => void
}

/** A promise settled from outside. */
export function deferred<Value = void>(): Deferred<Value> {
  const settle = {} as Deferred<Value>
  const promise = new Promise<Value>((resolve, reject) =>
    Object.assign(settle, { resolve, reject }),
  )
  return { ...settle, promise: handled(promise) }
}

/** `promise`, to be awaited or not: its rejection is no unhandled one. */
export function handled<Value>(promise: Promise<Value>): Promise<Value> {
  promise.catch(() => undefined)
  return promise
}
