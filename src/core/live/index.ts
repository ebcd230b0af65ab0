import type { LiveFetch } from '../live.ts'

export const fetchLive: LiveFetch = ({ target, init, send }) => send(target, init)
