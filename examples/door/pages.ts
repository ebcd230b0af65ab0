/** The pages of the door, in the order of its navigation. */
export const PAGES = [
  { path: '/', name: 'Today' },
  { path: '/notes', name: 'Notes' },
] as const

export type PagePath = (typeof PAGES)[number]['path']

/** @returns the page at `path`, or undefined where there is none. */
export function findPage(path: string): PagePath | undefined {
  return PAGES.find((page) => page.path === path)?.path
}

export function titleOf(path: PagePath | undefined): string {
  const name = PAGES.find((page) => page.path === path)?.name
  return `${name ?? 'Not found'} · Fridge door`
}

export const DESCRIPTION =
  'Coffee, shopping and notes on one fridge door, shared live by everyone who stands in front of it.'
