import { createRequire } from 'node:module'
import { compileFunction } from 'node:vm'
import ts from 'typescript'
import * as fetchEntry from '../../dev-server/fetch.ts'
import * as core from '../../src/core/index.ts'
import * as events from '../../src/state/index.ts'
import * as db from '../../src/state/db/index.ts'
import * as store from '../../src/state/store/index.ts'
import type { CodeBlock } from './markdown.ts'

const MODULES: Readonly<Record<string, object>> = {
  streamwell: core,
  'streamwell/events': events,
  'streamwell/fetch': fetchEntry,
  'streamwell/state': db,
  'streamwell/store': store,
}

export interface RunOptions {
  /** What stands in the example, and what stands there instead: addresses, names of files. */
  replace?: Readonly<Record<string, string>>
  /** What the example declares, or would find in a page. */
  globals?: Readonly<Record<string, unknown>>
  /** Instead of the modules of these names. */
  modules?: Readonly<Record<string, object>>
}

/** Runs an example as a module of its own, anew with each call, and gives what it exports. */
export function runBlock<Exports>(block: CodeBlock, options: RunOptions = {}): Exports {
  const exports = {}
  run(toCommonJs(block, options), exports, options)
  return exports as Exports
}

/** Runs an example that awaits at its top level, to its end. */
export async function runProgram(block: CodeBlock, options: RunOptions = {}): Promise<void> {
  await run(`return (async () => {${toCommonJs(block, options)}\n})()`, {}, options)
}

/** @throws for what does not stand there: the example has changed, and would run with the wrong one. */
export function withReplaced(code: string, replace: Readonly<Record<string, string>>): string {
  return Object.entries(replace).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`The example has no ${from}`)
    return text.replaceAll(from, to)
  }, code)
}

function toCommonJs({ code }: CodeBlock, { replace = {} }: RunOptions): string {
  const { outputText } = ts.transpileModule(withReplaced(code, replace), {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      jsx: ts.JsxEmit.ReactJSX,
    },
  })
  return outputText
}

function run(code: string, exports: object, { globals = {}, modules = {} }: RunOptions): unknown {
  const known = { ...MODULES, ...modules }
  const ours = createRequire(import.meta.url)
  const require = (name: string): unknown => known[name] ?? ours(name)
  const runCode = compileFunction(code, ['require', 'exports', ...Object.keys(globals)])
  return runCode(require, exports, ...Object.values(globals))
}
