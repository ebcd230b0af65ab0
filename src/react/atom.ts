'use client'

export {
  serverAtom,
  type ServerAtom,
  type ServerAtomOptions,
  type ServerAtomUpdate,
} from './atom/server-atom.ts'
export { ServerAtoms } from './atom/server-atoms.ts'
export { useServerAtom } from './atom/use-server-atom.ts'
