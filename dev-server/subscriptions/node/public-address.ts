import { BlockList, isIP } from 'node:net'

/** IPv4 that is nobody's on the internet: the IANA special-purpose registry, and a cloud's own host. */
const SPECIAL_IPV4: BlockList = subnets('ipv4', [
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT, and metadata of one cloud
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // the host of virtual machines of one cloud
  '169.254.0.0/16', // link-local, and metadata of most clouds
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, and broadcast
])

/**
 * The part of IPv6 that is routed on the internet. Outside lie loopback, mapped IPv4, NAT64, unique
 * local, link-local and multicast addresses.
 */
const GLOBAL_IPV6: BlockList = subnets('ipv6', ['2000::/3'])

const SPECIAL_IPV6: BlockList = subnets('ipv6', [
  '2001::/23', // protocol assignments, Teredo among them: it carries IPv4 addresses
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: carries IPv4 addresses
  '3fff::/20', // documentation
])

const LOOPBACK_IPV4: BlockList = subnets('ipv4', ['127.0.0.0/8'])

/** Whether an address is one of the public internet. Anything that is no address is not. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !SPECIAL_IPV4.check(address, 'ipv4')
  if (family !== 6 || address.includes('%')) return false
  return GLOBAL_IPV6.check(address, 'ipv6') && !SPECIAL_IPV6.check(address, 'ipv6')
}

/** Whether an address is this machine's own. */
export function isLoopbackAddress(address: string): boolean {
  const family = isIP(address)
  return family === 4 ? LOOPBACK_IPV4.check(address, 'ipv4') : address === '::1'
}

function subnets(family: 'ipv4' | 'ipv6', list: readonly string[]): BlockList {
  const blocks = new BlockList()
  for (const subnet of list) {
    const [network = '', prefix] = subnet.split('/')
    blocks.addSubnet(network, Number(prefix), family)
  }
  return blocks
}
