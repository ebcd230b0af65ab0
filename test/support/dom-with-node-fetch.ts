import { builtinEnvironments, type Environment } from 'vitest/runtime'

/** Globals that stay Node's own: happy-dom's fetch refuses loopback and cannot be aborted. */
const NODE_GLOBALS = [
  'fetch',
  'Request',
  'Response',
  'Headers',
  'FormData',
  'Blob',
  'AbortController',
  'AbortSignal',
  'ReadableStream',
  'WritableStream',
  'TransformStream',
  'TextEncoderStream',
  'TextDecoderStream',
  'URL',
  'URLSearchParams',
] as const

/** A vitest environment: happy-dom with the network of Node. */
const domWithNodeFetch: Environment = {
  name: 'dom-with-node-fetch',
  viteEnvironment: 'client',
  async setup(global: typeof globalThis, options: Record<string, unknown>) {
    const kept = NODE_GLOBALS.map((name) => [name, global[name]] as const)
    const environment = await builtinEnvironments['happy-dom'].setup(global, options)
    for (const [name, value] of kept) {
      Object.defineProperty(global, name, { value, configurable: true, writable: true })
    }
    return environment
  },
}

export default domWithNodeFetch
