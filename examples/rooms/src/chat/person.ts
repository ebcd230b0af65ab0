/** Someone in the room: one browser tab. */
export interface Person {
  id: string
  name: string
  /** Colour, as an angle on the colour wheel. */
  hue: number
}

const MOODS = [
  'Bright',
  'Calm',
  'Clever',
  'Curious',
  'Gentle',
  'Jolly',
  'Lucky',
  'Mellow',
  'Quick',
  'Quiet',
  'Sunny',
  'Wise',
]
const ANIMALS = [
  'Badger',
  'Crane',
  'Dolphin',
  'Finch',
  'Fox',
  'Hare',
  'Heron',
  'Lynx',
  'Otter',
  'Owl',
  'Robin',
  'Seal',
]

/** A stranger with a friendly name. `random` gives numbers from 0 to below 1. */
export function newPerson(id: string, random: () => number = Math.random): Person {
  const pick = (words: string[]): string => words[Math.floor(random() * words.length)]!
  return { id, name: `${pick(MOODS)} ${pick(ANIMALS)}`, hue: Math.floor(random() * 360) }
}

/** Up to two letters for a name, as on a badge. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/)
  const ends = words.length > 1 ? [words[0]!, words.at(-1)!] : words
  return ends
    .map((word) => [...word][0] ?? '')
    .join('')
    .toUpperCase()
}
