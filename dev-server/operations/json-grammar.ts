/*
 * JSON (RFC 8259) in UTF-8 as a table of states, so that a text can be checked byte by byte and
 * left at any byte. What the table cannot know, which bracket closes which, is an action.
 */

/** What a step asks for beyond its state. Steps below `ACTIONS` keep their byte as it is. */
export const SPACE: number = 1 << 8
export const OPEN_ARRAY: number = 2 << 8
export const OPEN_OBJECT: number = 3 << 8
export const CLOSE_ARRAY: number = 4 << 8
export const CLOSE_OBJECT: number = 5 << 8
export const NEXT: number = 6 << 8
export const REFUSE: number = 7 << 8
export const ACTIONS: number = 1 << 8

const rows: Uint16Array[] = []

/** A value must begin: the whole text does so, and what follows a colon, or a comma in an array. */
export const VALUE: number = state()
/** A key must begin, after a comma in an object. */
export const KEY: number = state()
/** A value is complete. */
export const AFTER_VALUE: number = state()
/** A value must begin, or the array end. */
export const FIRST_ITEM: number = state()

const FIRST_KEY = state()
const COLON = state()
const STRING = stringBefore(AFTER_VALUE)
const KEY_STRING = stringBefore(COLON)

on(KEY, '"', KEY_STRING)
on(FIRST_KEY, '"', KEY_STRING)
on(FIRST_KEY, '}', CLOSE_OBJECT | AFTER_VALUE)
on(FIRST_ITEM, ']', CLOSE_ARRAY | AFTER_VALUE)
on(COLON, ':', VALUE)
for (const spaced of [VALUE, KEY, FIRST_ITEM, FIRST_KEY, COLON])
  on(spaced, ' \t\n\r', SPACE | spaced)
endValue(AFTER_VALUE)
beginString()
beginBrackets()
beginNumber()
for (const word of ['true', 'false', 'null']) beginWord(word)

/**
 * The step from a state by a byte is at `(state << 8) | byte`. It holds the next state in its low
 * eight bits, and an action above them.
 */
export const STEPS: Uint16Array = joinRows()

function joinRows(): Uint16Array {
  const steps = new Uint16Array(rows.length << 8)
  rows.forEach((row, i) => steps.set(row, i << 8))
  return steps
}

function state(): number {
  return rows.push(new Uint16Array(256).fill(REFUSE)) - 1
}

function on(from: number, characters: string, step: number): void {
  for (const character of characters) rows[from]![character.charCodeAt(0)] = step
}

function onRange(from: number, first: number, last: number, step: number): void {
  rows[from]!.fill(step, first, last + 1)
}

function beginString(): void {
  for (const from of [VALUE, FIRST_ITEM]) on(from, '"', STRING)
}

function beginBrackets(): void {
  for (const from of [VALUE, FIRST_ITEM]) {
    on(from, '[', OPEN_ARRAY | FIRST_ITEM)
    on(from, '{', OPEN_OBJECT | FIRST_KEY)
  }
}

function beginWord(word: string): void {
  let step = AFTER_VALUE
  for (const letter of [...word.slice(1)].reverse()) {
    const before = state()
    on(before, letter, step)
    step = before
  }
  for (const from of [VALUE, FIRST_ITEM]) on(from, word[0]!, step)
}

function beginNumber(): void {
  const [minus, zero, whole, point, fraction] = [state(), state(), state(), state(), state()]
  const [e, sign, exponent] = [state(), state(), state()]
  for (const from of [VALUE, FIRST_ITEM]) on(from, '-', minus)
  for (const from of [VALUE, FIRST_ITEM, minus]) {
    on(from, '0', zero)
    on(from, '123456789', whole)
  }
  on(e, '+-', sign)
  for (const from of [zero, whole]) on(from, '.', point)
  for (const from of [zero, whole, fraction]) on(from, 'eE', e)
  on(whole, '0123456789', whole)
  for (const from of [point, fraction]) on(from, '0123456789', fraction)
  for (const from of [e, sign, exponent]) on(from, '0123456789', exponent)
  // Nothing closes a number, so what may follow a value may follow its last digit.
  for (const last of [zero, whole, fraction, exponent]) endValue(last)
}

function endValue(last: number): void {
  on(last, ' \t\n\r', SPACE | AFTER_VALUE)
  on(last, ',', NEXT)
  on(last, ']', CLOSE_ARRAY | AFTER_VALUE)
  on(last, '}', CLOSE_OBJECT | AFTER_VALUE)
}

/** @returns the state within a string that `after` follows. */
function stringBefore(after: number): number {
  const inside = state()
  onRange(inside, 0x20, 0x7f, inside)
  on(inside, '"', after)
  addEscapes(inside)
  addMultiByteCharacters(inside)
  return inside
}

function addEscapes(inside: number): void {
  const escape = state()
  on(inside, '\\', escape)
  on(escape, '"\\/bfnrt', inside)
  let digits = inside
  for (let i = 0; i < 4; i++) {
    const before = state()
    on(before, '0123456789abcdefABCDEF', digits)
    digits = before
  }
  on(escape, 'u', digits)
}

/** Well-formed UTF-8 alone, as in table 3-7 of the Unicode standard: no surrogates, none too long. */
function addMultiByteCharacters(inside: number): void {
  const [oneMore, twoMore, threeMore] = [state(), state(), state()]
  onRange(oneMore, 0x80, 0xbf, inside)
  onRange(twoMore, 0x80, 0xbf, oneMore)
  onRange(threeMore, 0x80, 0xbf, twoMore)
  onRange(inside, 0xc2, 0xdf, oneMore)
  onRange(inside, 0xe1, 0xef, twoMore)
  onRange(inside, 0xf1, 0xf3, threeMore)
  addNarrowLead(0xe0, 0xa0, 0xbf, oneMore)
  addNarrowLead(0xed, 0x80, 0x9f, oneMore)
  addNarrowLead(0xf0, 0x90, 0xbf, twoMore)
  addNarrowLead(0xf4, 0x80, 0x8f, twoMore)

  function addNarrowLead(lead: number, first: number, last: number, step: number): void {
    const second = state()
    onRange(inside, lead, lead, second)
    onRange(second, first, last, step)
  }
}
