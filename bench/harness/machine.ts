import { cpus, totalmem } from 'node:os'

/** One line on what the figures were measured with. */
export function describeMachine(): string {
  const [core] = cpus()
  const gib = Math.round(totalmem() / 2 ** 30)
  return `${cpus().length} cores (${core?.model.trim()}), ${gib} GiB, Node ${process.version}, ${process.platform}`
}
