import { StreamError } from '../../core/errors.ts'
import type { StreamTextOptions } from './options.ts'
import { NO_TEXT, type TextSoFar } from './text-so-far.ts'

/** Text is written to the storage at most so often, in milliseconds: it is written as a whole. */
const SAVE_EVERY_MS = 500

/** Keeps one text in a storage. What cannot be kept is told once, and read anew the next time. */
export interface TextKeeper {
  load: () => TextSoFar
  /** Saves soon. */
  changed: () => void
  /** Saves now what has changed. */
  flush: () => void
}

/**
 * @param name of the text in the storage.
 * @param look gives what is to be kept.
 */
export function createTextKeeper(
  keepIn: StreamTextOptions['keepIn'],
  name: string,
  look: () => TextSoFar,
  onError: (error: StreamError) => void,
): TextKeeper {
  const item = `streamwell:text:${name}`
  let storage: Storage | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function guard<Result>(attempt: () => Result): Result | undefined {
    try {
      return attempt()
    } catch (cause) {
      storage = undefined
      const message = `The text of ${name} cannot be kept for a reload: ${cause}; see keepIn`
      // It may be found out while something is rendered.
      queueMicrotask(() => onError(new StreamError('invalid', message, { cause })))
      return undefined
    }
  }

  function flush(): void {
    if (timer === undefined) return
    clearTimeout(timer)
    timer = undefined
    const soFar = look()
    // Text and offset in one item: neither is ever ahead of the other.
    guard(() =>
      soFar === NO_TEXT ? storage?.removeItem(item) : storage?.setItem(item, JSON.stringify(soFar)),
    )
  }

  return {
    flush,
    load: () => {
      storage = guard(() => keepIn ?? storageOfPage()) || undefined
      return parseKept(guard(() => storage?.getItem(item))) ?? NO_TEXT
    },
    changed() {
      if (storage) timer ??= setTimeout(flush, SAVE_EVERY_MS)
    },
  }
}

/** Servers may have one too, that all whom they render for would share. */
function storageOfPage(): Storage | undefined {
  const page = globalThis as { document?: unknown; sessionStorage?: Storage }
  return page.document ? page.sessionStorage : undefined
}

/** What is none of ours, or of another version, is nothing. */
function parseKept(json: string | null | undefined): TextSoFar | undefined {
  try {
    const { text, offset, rest, end, isDone, isStopped } = JSON.parse(json!) as TextSoFar
    if (typeof text !== 'string' || typeof offset !== 'string') return undefined
    return {
      text,
      offset,
      rest: [...rest],
      end,
      isDone: isDone === true,
      isStopped: isStopped === true,
    }
  } catch {
    return undefined
  }
}
