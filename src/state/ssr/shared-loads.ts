import { untilAborted } from '../../core/abort.ts'
import type { StreamError } from '../../core/errors.ts'
import type { Progress } from './progress.ts'

/** One who waits for a load. */
export interface Caller {
  signal: AbortSignal
  /** Told of each event that was skipped. */
  onSkipped: (error: StreamError) => void
  /** Told of what failed, and is tried again. */
  onFailure: (error: StreamError) => void
}

/** A load in which several callers may have a part. Its signal aborts when the last has left. */
export interface Load extends Caller {
  /** Called before a request is sent: who comes later may know of something that it does not see. */
  onRequest: () => void
}

type Run = (load: Load) => Promise<Progress<unknown>>

interface Running {
  isSent: boolean
  callers: Set<Caller>
  controller: AbortController
  result: Promise<Progress<unknown>>
}

/** Loads that are under way, by what they load. */
export interface SharedLoads {
  /**
   * Waits for a load that is about to begin, or begins one, after the one that has sent its request:
   * nobody is given a state from before he asked.
   *
   * @throws what `run` throws, or the reason of the caller's signal.
   */
  join: (name: string, caller: Caller, run: Run) => Promise<Progress<unknown>>
  /** Nobody joins those that are under way any more. */
  clear: () => void
}

export function createSharedLoads(): SharedLoads {
  const loads = new Map<string, Running>()

  function begin(name: string, run: Run): Running {
    const before = loads.get(name)?.result
    const callers = new Set<Caller>()
    const controller = new AbortController()
    const tell = (how: 'onSkipped' | 'onFailure') => (error: StreamError) => {
      for (const caller of callers) caller[how](error)
    }
    const work = async (): Promise<Progress<unknown>> => {
      // What it learned is where this one begins.
      await before?.catch(() => {})
      controller.signal.throwIfAborted()
      return run({
        signal: controller.signal,
        onSkipped: tell('onSkipped'),
        onFailure: tell('onFailure'),
        onRequest: () => (load.isSent = true),
      })
    }
    const forget = (): void => {
      if (loads.get(name) === load) loads.delete(name)
    }
    const load: Running = { isSent: false, callers, controller, result: work() }
    load.result.then(forget, forget)
    loads.set(name, load)
    return load
  }

  return {
    async join(name, caller, run) {
      const last = loads.get(name)
      const isOpen = last && !last.isSent && !last.controller.signal.aborted
      const load = isOpen ? last : begin(name, run)
      load.callers.add(caller)
      try {
        return await untilAborted(load.result, caller.signal)
      } finally {
        load.callers.delete(caller)
        // Without a reason it would be an error with a stack, made for nobody.
        if (load.callers.size === 0) load.controller.abort(1)
      }
    },
    clear: () => loads.clear(),
  }
}
