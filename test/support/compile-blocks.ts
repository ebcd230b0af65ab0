import { join } from 'node:path'
import ts from 'typescript'
import { ROOT } from './imports.ts'
import type { CodeBlock } from './markdown.ts'

export interface CompiledBlocks {
  program: ts.Program
  sourceOf: (block: CodeBlock) => ts.SourceFile
  /** What the compiler has against a block, as `docs/page.md:12 message`. */
  problemsOf: (block: CodeBlock) => string[]
}

/** In front of what is Solid's, on its first line, so that lines keep their numbers. */
const SOLID_JSX = '/** @jsxImportSource solid-js */ '

/**
 * Compiles each block as a module of its own, at the place of its page, by the settings of this
 * checkout; what a reader would not write in an example is not asked of it. JSX is Solid's in a
 * block that imports Solid, as it is by the settings of a reader's app.
 *
 * @param sources further files for the program, as paths from the root.
 */
export function compileBlocks(
  blocks: readonly CodeBlock[],
  sources: readonly string[],
): CompiledBlocks {
  const options: ts.CompilerOptions = {
    ...readCompilerOptions(),
    declaration: false,
    isolatedDeclarations: false,
    noUnusedLocals: false,
    noUnusedParameters: false,
    moduleDetection: ts.ModuleDetectionKind.Force,
  }
  const codes = new Map(blocks.map((block) => [moduleName(block), asModule(block)]))
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile } = host
  host.fileExists = (name) => codes.has(name) || fileExists(name)
  host.readFile = (name) => codes.get(name) ?? readFile(name)
  const names = [...codes.keys(), ...sources.map((file) => join(ROOT, file))]
  const program = ts.createProgram(names, options, host)
  const sourceOf = (block: CodeBlock): ts.SourceFile => program.getSourceFile(moduleName(block))!

  return {
    program,
    sourceOf,
    problemsOf(block) {
      const source = sourceOf(block)
      return [
        ...program.getSyntacticDiagnostics(source),
        ...program.getSemanticDiagnostics(source),
      ].map((diagnostic) => describe(block, source, diagnostic))
    },
  }
}

/** Every entry that a user may import, by name: its source, as a path from the root. */
export function publicEntries(): Record<string, string> {
  const { paths = {} } = readCompilerOptions()
  return Object.fromEntries(
    Object.entries(paths).map(([name, [source]]) => [name, source!.replace('./', '')]),
  )
}

function readCompilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile)
  return ts.parseJsonConfigFileContent(config, ts.sys, ROOT).options
}

function asModule({ language, code }: CodeBlock): string {
  const isSolid =
    language === 'tsx' && /from '(streamwell\/solid|solid-js|@tanstack\/solid)/.test(code)
  return isSolid ? SOLID_JSX + code : code
}

function moduleName({ file, line, language }: CodeBlock): string {
  return join(ROOT, `${file}.${line}.${language}`)
}

function describe(
  { file, line }: CodeBlock,
  source: ts.SourceFile,
  { start = 0, messageText }: ts.Diagnostic,
): string {
  const at = line + source.getLineAndCharacterOfPosition(start).line
  return `${file}:${at} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
}
