import type { Scene } from './scene.ts'

const PIECES = [
  'a',
  ' ',
  ' b',
  ':',
  '"',
  '\\',
  'é',
  'ß',
  '漢字',
  '😀',
  '\u2028',
  '\u{1F469}\u200D\u{1F680}',
  'data: x',
  '\t',
  '\uFEFF',
]

/** A message that begins with its number and goes on with what is easily broken on the way. */
export function messageFor({ world, plan }: Scene, id: number): unknown {
  const { chance } = world
  const length = chance.between(0, 12)
  const text = 'x'.repeat(plan.bulk) + Array.from({ length }, () => chance.pick(PIECES)).join('')
  switch (plan.contentType) {
    case 'application/json':
      return { id, text: chance.happens(0.3) ? `${text}\n${text}` : text }
    case 'text/plain':
      return `${id}${text}\n`
    case 'application/octet-stream':
      return bytes(id, plan.bulk + chance.between(0, 20), chance.random)
  }
}

function bytes(id: number, length: number, random: () => number): Uint8Array {
  const some = Uint8Array.from({ length }, () => 11 + Math.floor(random() * 245))
  return Buffer.concat([Buffer.from(`${id}:`), some, Buffer.from('\n')])
}
