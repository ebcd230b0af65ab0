import type { Server } from 'node:http'
import { StreamError } from '../src/core/errors.ts'

/** @throws {StreamError} `listen`, in words of what to do, if the address cannot be had. */
export function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const refuse = (cause: Error): void => reject(listenError(cause, host, port))
    server.once('error', refuse)
    server.listen({ host, port }, () => {
      server.off('error', refuse)
      resolve()
    })
  })
}

/** A host that a client can ask: a wildcard address is no destination. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

function listenError(cause: NodeJS.ErrnoException, host: string, port: number): StreamError {
  const where = `${host}:${port}`
  const reasons: Record<string, string> = {
    EADDRINUSE: `${where} is in use: stop what listens there, or choose another port (0 for any)`,
    EACCES: `No permission to listen on ${where}: choose a port above 1023`,
    EADDRNOTAVAIL: `${where} is no address of this machine: use 127.0.0.1, 0.0.0.0 or one that is`,
    ENOTFOUND: `The host of ${where} is unknown: use 127.0.0.1, or a name that resolves`,
    EAI_AGAIN: `The host of ${where} cannot be resolved now: use 127.0.0.1, or a name that resolves`,
  }
  const message = reasons[cause.code ?? ''] ?? `Cannot listen on ${where}: ${cause.message}`
  return new StreamError('listen', message, { cause })
}
