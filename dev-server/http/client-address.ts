/**
 * What one client's address is for counting: IPv4 as it is, of IPv6 the first 64 bits, since one
 * client has the other 64 at its disposal.
 */
export function clientNetwork(address: string): string {
  if (!address.includes(':')) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped) return mapped[1]!
  // `::` stands for as many zeros as make eight groups.
  const [left = '', right] = address.split('%')[0]!.split('::')
  const first = groupsOf(left)
  const last = groupsOf(right ?? '')
  const zeros = right === undefined ? 0 : Math.max(0, 8 - first.length - last.length)
  const groups = [...first, ...Array<string>(zeros).fill('0'), ...last]
  return `${groups.slice(0, 4).join(':')}::/64`
}

function groupsOf(text: string): string[] {
  return text === '' ? [] : text.split(':').map((group) => group.replace(/^0+(?=.)/, ''))
}
