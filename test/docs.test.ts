import fc from 'fast-check'
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'
import { beforeAll, expect, it } from 'vitest'
import { compileBlocks, type CompiledBlocks, publicEntries } from './support/compile-blocks.ts'
import { ROOT } from './support/imports.ts'
import {
  codeBlocksOf,
  codeOf,
  headingsOf,
  linksOf,
  markdownPages,
  readPage,
} from './support/markdown.ts'

const ENTRIES = publicEntries()

/** Languages that no compiler of ours reads; code that runs is `ts` or `tsx`. */
const UNCHECKED = ['', 'sh', 'json', 'text', 'html']

/** The compiler takes a while, and more where others are at work. */
const TIMEOUT_MS = 240_000

const pages = markdownPages()
const blocks = pages.flatMap((file) => codeBlocksOf(file, readPage(file)))
const examples = blocks.filter(({ language }) => language === 'ts' || language === 'tsx')
const inDocs = pages.filter((file) => file.startsWith('docs/'))
const broken = {
  file: 'broken.md',
  line: 7,
  language: 'ts',
  code: '\nexport const n: number = "1"',
}

let compiled: CompiledBlocks
let checker: ts.TypeChecker

beforeAll(() => {
  compiled = compileBlocks([...examples, broken], Object.values(ENTRIES))
  checker = compiled.program.getTypeChecker()
}, TIMEOUT_MS)

it(
  'every example on every page compiles',
  () => {
    expect(examples.length).toBeGreaterThan(0)
    expect(examples.flatMap((block) => compiled.problemsOf(block))).toEqual([])
  },
  TIMEOUT_MS,
)

it('an example that does not compile is named by page and line', () => {
  expect(compiled.problemsOf(broken)).toEqual([
    `broken.md:8 Type 'string' is not assignable to type 'number'.`,
  ])
})

it(
  'an example that imports Solid has the JSX of Solid, and any other that of React',
  () => {
    const list = '\nexport const list = <ul class="list" />'
    const [solid, react] = ["'solid-js'", "'react'"].map((from) => ({
      ...broken,
      language: 'tsx',
      file: `${from}.md`,
      code: `import type {} from ${from}${list}`,
    }))
    const { problemsOf } = compileBlocks([solid!, react!], [])
    expect(problemsOf(solid!)).toEqual([])
    expect(problemsOf(react!)).toEqual([expect.stringMatching(/^'react'.md:8 .*'class'/s)])
  },
  TIMEOUT_MS,
)

it('no example hides in a language that is not compiled', () => {
  const hidden = blocks.filter(
    (block) => !examples.includes(block) && !UNCHECKED.includes(block.language),
  )
  expect(hidden.map(({ file, line, language }) => `${file}:${line} ${language}`)).toEqual([])
})

it.each(Object.keys(ENTRIES))('every name of %s is imported by an example in docs', (entry) => {
  const shown = new Set(
    examples.filter(({ file }) => inDocs.includes(file)).flatMap((block) => importsOf(block)),
  )
  const names = exportsOf(entry).filter((symbol) => !shown.has(original(symbol)))
  expect(names.map(({ name }) => name)).toEqual([])
})

it('every option, and every field of what users get, is named in docs', () => {
  const words = new Set(inDocs.flatMap((file) => codeOf(file, readPage(file)).match(/\w+/g) ?? []))
  const unnamed = Object.keys(ENTRIES)
    .flatMap(exportsOf)
    .flatMap((symbol) => fieldsOf(original(symbol)).map((field) => ({ symbol, field })))
    .filter(({ field }) => !words.has(field))
  expect([...new Set(unnamed.map(({ symbol, field }) => `${symbol.name}.${field}`))]).toEqual([])
})

it('every error code is explained', () => {
  const symbol = exportsOf('streamwell').find(({ name }) => name === 'StreamErrorCode')!
  const union = checker.getDeclaredTypeOfSymbol(original(symbol)) as ts.UnionType
  const codes = union.types.map((type) => (type as ts.StringLiteralType).value)
  const page = readPage('docs/errors.md')
  expect(codes.length).toBeGreaterThan(0)
  expect(codes.filter((code) => !page.includes(`| \`${code}\``))).toEqual([])
})

it('every link leads to a file of the repository, and to a heading that it has', () => {
  const dead = pages.flatMap((file) =>
    linksOf(file, readPage(file))
      .filter((target) => !/^https?:/.test(target) && !leadsSomewhere(file, target))
      .map((target) => `${file} → ${target}`),
  )
  expect(dead).toEqual([])
})

it('the map of the docs leads to every page', () => {
  const linked = linksOf('docs/index.md', readPage('docs/index.md')).map((to) => `docs/${to}`)
  const pagesOfDocs = pages.filter((file) => /^docs\/[^/]+\.md$/.test(file))
  expect(pagesOfDocs.filter((file) => file !== 'docs/index.md' && !linked.includes(file))).toEqual(
    [],
  )
})

it('code is found wherever it stands on a page', () => {
  const line = fc.stringMatching(/^[a-z (){}]*$/)
  fc.assert(
    fc.property(fc.array(fc.array(line)), fc.nat(4), (codes, indent) => {
      const pad = ' '.repeat(indent)
      const text = codes
        .map((lines) => ['Text.', '', '```ts', ...lines, '```'].map((l) => pad + l).join('\n'))
        .join('\n')
      const found = codeBlocksOf('page.md', text)
      expect(found.map(({ code }) => code)).toEqual(codes.map((lines) => lines.join('\n')))
      for (const { line, code } of found) {
        const first = text.split('\n')[line - 1]!
        expect(code === '' ? '' : first.trim()).toBe(code.split('\n')[0]!.trim())
      }
    }),
  )
})

it('a code block that is left open is an error, not the end of the page', () => {
  expect(() => codeBlocksOf('page.md', 'Text\n```ts\nconst a = 1')).toThrow('page.md:2')
})

function leadsSomewhere(file: string, target: string): boolean {
  const [path, heading] = target.split('#')
  const to = path === '' ? file : posix.join(posix.dirname(file), path!)
  if (!existsSync(join(ROOT, to))) return false
  return heading === undefined || headingsOf(to, readPage(to)).includes(heading)
}

/** The symbols that a block imports from our entries, wherever they were declared. */
function importsOf(block: (typeof examples)[number]): ts.Symbol[] {
  return compiled.sourceOf(block).statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement)) return []
    if (!((statement.moduleSpecifier as ts.StringLiteral).text in ENTRIES)) return []
    const bindings = statement.importClause?.namedBindings
    if (!bindings || !ts.isNamedImports(bindings)) return []
    return bindings.elements.map(({ name }) => original(checker.getSymbolAtLocation(name)!))
  })
}

function exportsOf(entry: string): ts.Symbol[] {
  const source = compiled.program.getSourceFile(join(ROOT, ENTRIES[entry]!))!
  return checker.getExportsOfModule(checker.getSymbolAtLocation(source)!)
}

function original(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}

/** Names of the fields that we declare on an interface or a class, inherited ones included. */
function fieldsOf(symbol: ts.Symbol): string[] {
  if (!(symbol.flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.Class))) return []
  const declared = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol))
  return declared.filter(isOurs).map(({ name }) => name)
}

function isOurs({ declarations = [] }: ts.Symbol): boolean {
  return declarations.some((declaration) => {
    const name = ts.getNameOfDeclaration(declaration)
    const { fileName } = declaration.getSourceFile()
    return !fileName.includes('node_modules') && !(name && ts.isPrivateIdentifier(name))
  })
}
