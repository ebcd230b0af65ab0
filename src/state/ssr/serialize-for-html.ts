import { serialize } from '../../core/encode.ts'

/** What could end a script, begin a comment in it, or be a line break to old engines. */
const UNSAFE = /[<>&\u2028\u2029]/g

/**
 * JSON that is safe inside a `<script>`, whatever users wrote into it: `</script>` and `<!--` cannot
 * occur, and `JSON.parse` gives what `JSON.stringify` was given. `undefined` becomes `null`.
 *
 * @throws {StreamError} `invalid` for what JSON cannot say.
 *
 * @example
 * `<script type="application/json" id="streams">${serializeForHtml(data)}</script>`
 * // and in the page
 * JSON.parse(document.getElementById('streams').textContent)
 */
export function serializeForHtml(data: unknown): string {
  return serialize(data ?? null).replace(
    UNSAFE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
