import type { Persistence } from './persistence.ts'

/** Locks among those who share this function. Who asked first has it first. */
export function createLocalLocks(): Persistence['lock'] {
  /** Who waits for each name that is held. */
  const queues = new Map<string, Set<() => void>>()

  return async (name, { wait, signal }) => {
    signal?.throwIfAborted()
    const queue = queues.get(name)
    if (queue && !wait) return undefined
    if (queue) await turnIn(queue, signal)
    else queues.set(name, new Set())
    return once(() => passOn(queues, name))
  }
}

function turnIn(queue: Set<() => void>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    function enter(): void {
      signal?.removeEventListener('abort', leave)
      resolve()
    }
    function leave(): void {
      queue.delete(enter)
      reject(signal!.reason as Error)
    }
    queue.add(enter)
    signal?.addEventListener('abort', leave, { once: true })
  })
}

function passOn(queues: Map<string, Set<() => void>>, name: string): void {
  const queue = queues.get(name)!
  const [next] = queue
  if (!next) return void queues.delete(name)
  queue.delete(next)
  next()
}

/** `act`, at its first call only. */
export function once(act: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) act()
    isDone = true
  }
}
