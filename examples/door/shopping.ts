export interface Item {
  id: string
  text: string
  isBought: boolean
}

/** What could differ from reader to reader, as ids do, is made by who acts and travels along. */
export type ShoppingAction =
  | { type: 'add'; id: string; text: string }
  | { type: 'tick'; id: string; isBought: boolean }
  | { type: 'clear-bought' }

export const nothingToBuy: readonly Item[] = []

/** The list after `action`: run by every browser, and by the server for its first page. */
export function shoppingReducer(items: readonly Item[], action: ShoppingAction): readonly Item[] {
  switch (action.type) {
    case 'add':
      if (items.some(({ id }) => id === action.id)) return items
      return [...items, { id: action.id, text: action.text, isBought: false }]
    case 'tick':
      return items.map((item) =>
        item.id === action.id ? { ...item, isBought: action.isBought } : item,
      )
    case 'clear-bought':
      return items.filter(({ isBought }) => !isBought)
    default:
      action satisfies never
      return items // written by a newer version of this page
  }
}

/** “3 to buy”, for the heading of the list. */
export function countToBuy(items: readonly Item[]): string {
  const open = items.filter(({ isBought }) => !isBought).length
  if (items.length === 0) return 'Nothing on the list'
  return open === 0 ? 'All bought' : `${open} to buy`
}
