/** The streams of the door, as paths below the server: the hooks' keys, and what loaders load. */
export const COFFEE_KEY = 'door/coffee'
export const SHOPPING_KEY = 'door/shopping'
export const NOTES_KEY = 'door/notes'
