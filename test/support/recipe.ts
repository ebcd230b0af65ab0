import { type CodeBlock, codeBlocksOf, readPage } from './markdown.ts'
import { runBlock, type RunOptions } from './run-block.ts'

const FILE = 'docs/client-recipes.md'
const blocks = codeBlocksOf(FILE, readPage(FILE))

/** Where the streams of the recipes live. */
export const EXAMPLE_URL = 'https://example.com/v1/stream'

/** The recipe that holds this text: one does, and no other. */
export function recipeWith(text: string): CodeBlock {
  const [block, second] = blocks.filter(({ code }) => code.includes(text))
  if (!block || second)
    throw new Error(`${FILE} has ${second ? 'several recipes' : 'none'}: ${text}`)
  return block
}

/** Runs that recipe, anew with each call, on the streams below `url`, and gives what it exports. */
export function runRecipe<Exports>(text: string, url: string, options: RunOptions = {}): Exports {
  const replace = { [EXAMPLE_URL]: url, ...options.replace }
  return runBlock<Exports>(recipeWith(text), { ...options, replace })
}
