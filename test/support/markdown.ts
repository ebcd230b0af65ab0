import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './imports.ts'

export interface CodeBlock {
  /** The page, as a path from the root. */
  file: string
  /** Line of its first line of code, from 1. */
  line: number
  /** First word after the fence; empty when there is none. */
  language: string
  code: string
}

/** README and everything below `docs`, as paths from the root. */
export function markdownPages(): string[] {
  const names = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
  const pages = names.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)
  return ['README.md', ...pages.sort()].filter((file) => existsSync(join(ROOT, file)))
}

export function readPage(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8')
}

/**
 * The fenced code blocks of a page, also those within a list.
 *
 * @throws for a fence that nothing closes: what follows it would go unseen.
 */
export function codeBlocksOf(file: string, text: string): CodeBlock[] {
  const blocks: CodeBlock[] = []
  const lines = text.split(/\r?\n/)
  for (let i = 0; i < lines.length; i++) {
    const [, indent, fence, language] = /^( *)(`{3,}|~{3,})([^\s`]*)/.exec(lines[i]!) ?? []
    if (fence === undefined) continue
    const end = lines.findIndex((line, at) => at > i && isClosing(line, fence))
    if (end === -1) throw new Error(`${file}:${i + 1} opens a code block that nothing closes`)
    const code = lines.slice(i + 1, end).map((line) => withoutIndent(line, indent!.length))
    blocks.push({ file, line: i + 2, language: language!, code: code.join('\n') })
    i = end
  }
  return blocks
}

/** All code of a page: its blocks, and what stands in backticks. */
export function codeOf(file: string, text: string): string {
  const spans = proseOf(file, text).match(/`[^`]+`/g) ?? []
  return [...codeBlocksOf(file, text).map(({ code }) => code), ...spans].join('\n')
}

/** Where the links of a page lead, but for those in code blocks. */
export function linksOf(file: string, text: string): string[] {
  return [...proseOf(file, text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!)
}

/** The headings of a page, as links name them. */
export function headingsOf(file: string, text: string): string[] {
  const titles = [...proseOf(file, text).matchAll(/^#+ (.+)$/gm)].map(([, title]) => title!)
  return titles.map((title) =>
    title
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replaceAll(' ', '-'),
  )
}

/** The page without its code blocks and their fences. */
function proseOf(file: string, text: string): string {
  const lines = text.split(/\r?\n/)
  for (const { line, code } of codeBlocksOf(file, text)) {
    lines.fill('', line - 2, line + code.split('\n').length)
  }
  return lines.join('\n')
}

function isClosing(line: string, fence: string): boolean {
  const text = line.trim()
  return text.startsWith(fence) && text === fence[0]!.repeat(text.length)
}

function withoutIndent(line: string, width: number): string {
  return line.slice(0, width).trim() === '' ? line.slice(width) : line
}
