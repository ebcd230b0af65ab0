import { transformAsync } from '@babel/core'
import type { Plugin } from 'vite'

export interface Compiled {
  code: string
  /** The components and hooks that were compiled. */
  names: readonly string[]
}

/**
 * Compiles a module with the React Compiler; its types and JSX stay as they are.
 *
 * @throws for code that breaks a rule of React, instead of leaving it out.
 */
export async function compileReact(code: string, filename: string): Promise<Compiled> {
  const names: string[] = []
  const logger = {
    logEvent(_file: string | null, event: { kind: string; fnName?: string | null }): void {
      if (event.kind === 'CompileSuccess') names.push(event.fnName ?? '')
    },
  }
  const options = { panicThreshold: 'all_errors', logger }
  const compiled = await transformAsync(code, {
    filename,
    babelrc: false,
    configFile: false,
    retainLines: true,
    parserOpts: { plugins: ['typescript', 'jsx'] },
    plugins: [['babel-plugin-react-compiler', options]],
  })
  return { code: compiled?.code ?? '', names }
}

/** Compiles our hooks of React, and the components of their contract, before anything else does. */
export function reactCompiler(): Plugin {
  return {
    name: 'react-compiler',
    enforce: 'pre',
    transform: {
      filter: { id: /\/(src\/react\/|test\/hooks\/react-)[^?]*\.tsx?$/ },
      handler: async (code, id) => (await compileReact(code, id)).code,
    },
  }
}
