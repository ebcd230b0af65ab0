import type { ServerResponse } from 'node:http'

/** A response that stays open, over HTTP/1.1 and HTTP/2 alike. */
export interface LiveResponse {
  /** The caller went away, or the response ended. */
  readonly gone: boolean
  /** The socket took all it can hold: write no more until it drains. */
  readonly full: boolean
  write(bytes: Uint8Array): void
  /** Ends the response; a socket that takes nothing more is not waited for. */
  end(): void
}

/** @param onChange is called when the caller goes away and when the socket drains. */
export function liveResponse(res: ServerResponse, onChange: () => void): LiveResponse {
  let gone = false
  let full = false
  res.on('close', () => {
    gone = true
    onChange()
  })
  res.on('drain', () => {
    full = false
    onChange()
  })

  return {
    get gone() {
      return gone
    },
    get full() {
      return full
    },
    write(bytes) {
      full = !res.write(bytes)
    },
    end() {
      if (full) res.destroy()
      else res.end()
    },
  }
}
