import { fork, type ChildProcess } from 'node:child_process'

/** A process of ours that answers calls. */
export interface Child {
  readonly pid: number
  /** @throws what the child's function throws; an error if the child ends first. */
  call<T>(name: string, argument?: unknown): Promise<T>
  /** Asks it to end, and kills it if it does not within five seconds. */
  stop(): Promise<void>
}

type Reply = { id: number; value: unknown } | { id: number; error: string }

const PATIENCE_MS = 5_000

export interface ChildOptions {
  /** Options for Node. */
  execArgv?: readonly string[]
  /** The cores that it may run on, as `taskset` takes them: `0`, `1-3`. Default: any. Linux only. */
  cores?: string | undefined
}

/** Starts `file` in a process of its own. */
export function startChild(file: string, { execArgv = [], cores }: ChildOptions = {}): Child {
  const isPinned = cores !== undefined
  const child = fork(file, {
    ...(isPinned && { execPath: 'taskset' }),
    execArgv: isPinned ? ['-c', cores, process.execPath, ...execArgv] : [...execArgv],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const waiting = new Map<number, (reply: Reply) => void>()
  let lastId = 0
  child.on('message', (reply: Reply) => waiting.get(reply.id)?.(reply))
  child.on('exit', (code, signal) => {
    const error = `${file} ended (${signal ?? code})`
    for (const [id, settle] of waiting) settle({ id, error })
  })

  return {
    pid: child.pid!,
    async call<T>(name: string, argument?: unknown) {
      const id = ++lastId
      const reply = await new Promise<Reply>((resolve) => {
        waiting.set(id, resolve)
        if (!child.connected) resolve({ id, error: `${file} has ended` })
        else child.send({ id, name, argument })
      })
      waiting.delete(id)
      if ('error' in reply) throw new Error(reply.error)
      return reply.value as T
    },
    stop: () => stop(child),
  }
}

/** The other side: answers the calls of the process that started this one, and ends with it. */
export function answerCalls(functions: Record<string, (argument: never) => unknown>): void {
  process.on('disconnect', () => process.exit())
  process.on('message', (call: { id: number; name: string; argument: never }) => {
    const reply = async (): Promise<Reply> => {
      try {
        return { id: call.id, value: await functions[call.name]!(call.argument) }
      } catch (error) {
        return { id: call.id, error: error instanceof Error ? error.stack! : String(error) }
      }
    }
    void reply().then((value) => process.send!(value))
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  await gone
  clearTimeout(timer)
}
