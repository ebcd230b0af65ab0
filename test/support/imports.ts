import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import ts from 'typescript'

/** Where this checkout lies. */
export const ROOT: string = join(import.meta.dirname, '../..')

/** The source files under `folder`, as paths from the root. A folder that does not exist has none. */
export function sourceFiles(folder: string): string[] {
  let names: string[]
  try {
    names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return names
    .filter((name) => /\.tsx?$/.test(name) && !name.includes('node_modules'))
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .sort()
}

/** Reads a file of this checkout. */
export function parseFile(file: string): ts.SourceFile {
  return parseSource(file, readFileSync(join(ROOT, file), 'utf8'))
}

export function parseSource(file: string, text: string): ts.SourceFile {
  const kind = file.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, kind)
}

/**
 * What a file imports, in every way that TypeScript has: static, dynamic, for types alone, and by
 * exporting it again. A relative one becomes a path from the root.
 */
export function importsOf(source: ts.SourceFile): string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node)
    if (specifier !== undefined) found.push(resolve(source.fileName, specifier))
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** An import whose name is computed cannot be checked, and stands out as `<computed>`. */
function specifierOf(node: ts.Node): string | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return node.moduleSpecifier && textOf(node.moduleSpecifier)
  }
  if (ts.isImportTypeNode(node)) return textOf(node.argument)
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return textOf(node.arguments[0])
  }
  return undefined
}

function textOf(node: ts.Node | undefined): string {
  if (node && ts.isLiteralTypeNode(node)) return textOf(node.literal)
  return node && ts.isStringLiteralLike(node) ? node.text : '<computed>'
}

function resolve(file: string, specifier: string): string {
  return specifier.startsWith('.') ? posix.join(dirname(file), specifier) : specifier
}

/** The names of globals, out of `names`, that a file uses: not those of properties or of its own. */
export function globalsOf(source: ts.SourceFile, names: readonly string[]): string[] {
  const used = new Set<string>()
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && names.includes(node.text) && !isMemberName(node)) {
      used.add(node.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return [...used]
}

function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node
  if (ts.isQualifiedName(parent)) return parent.right === node
  return 'name' in parent && parent.name === node
}

/** The first circle of imports that can be walked, as a path that ends where it began. */
export function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] | undefined {
  const done = new Set<string>()
  const walk = (file: string, trail: readonly string[]): string[] | undefined => {
    if (trail.includes(file)) return [...trail.slice(trail.indexOf(file)), file]
    if (done.has(file)) return undefined
    for (const next of graph.get(file) ?? []) {
      const cycle = walk(next, [...trail, file])
      if (cycle) return cycle
    }
    done.add(file)
    return undefined
  }
  for (const file of graph.keys()) {
    const cycle = walk(file, [])
    if (cycle) return cycle
  }
  return undefined
}
