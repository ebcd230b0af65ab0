/** A server that is measured. */
export interface Subject {
  /** What its figures are called by. */
  name: string
  server: 'ours' | 'peer' | 'bare'
  durable: boolean
}

/** What a server process is started with. */
export interface ServerStart {
  /** Where a durable server keeps its data; undefined to keep it in memory. */
  directory?: string
}

export interface ServerStarted {
  /** Where streams live. */
  url: string
  /** Milliseconds from the start of the process until it listened. */
  afterMs: number
}

export const OURS: Subject = { name: 'ours', server: 'ours', durable: false }
export const OURS_DURABLE: Subject = { name: 'oursDurable', server: 'ours', durable: true }
export const PEER: Subject = { name: 'peer', server: 'peer', durable: false }
export const PEER_DURABLE: Subject = { name: 'peerDurable', server: 'peer', durable: true }
export const BARE: Subject = { name: 'bare', server: 'bare', durable: false }
