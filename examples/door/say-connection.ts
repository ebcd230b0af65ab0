/** The state of all connections of a page, in a word. */
export function sayConnection(kind: 'idle' | 'connecting' | 'online' | 'offline'): string {
  return { idle: 'Opening', connecting: 'Opening', online: 'Live', offline: 'Offline' }[kind]
}
