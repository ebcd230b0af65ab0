import { createServerFn } from '@tanstack/react-start'
import { getRequestUrl } from '@tanstack/react-start/server'
import { loadNotes, loadShell, loadToday, type Streams } from '../../door/load-page.ts'

export const shell = createServerFn().handler(() => loadShell(streams()))
export const today = createServerFn().handler(() => loadToday(streams()))
// Not strict, since what rows are made of is known to their schema alone.
export const notes = createServerFn({ strict: false }).handler(() => loadNotes(streams()))

/**
 * Where the server itself reaches the streams. In development that is the origin of the page, whose
 * `Host` Vite has checked; in production name the place, since there a request may say what it likes.
 */
function streams(): Streams {
  const serverUrl = process.env['STREAMS_URL'] ?? new URL('/v1/stream', getRequestUrl()).href
  return { serverUrl }
}
