'use client'

export { serverAtom, type ServerAtom } from './atom/server-atom.ts'
export { ServerAtoms } from './atom/server-atoms.ts'
export { useServerAtom } from './atom/use-server-atom.ts'
export type { ServerAtomOptions, ServerAtomUpdate } from '../state/atom-source.ts'
