/** What tabs need of the host. */
export interface TabsEnvironment {
  locks: Pick<LockManager, 'request'>
  openChannel: (name: string) => BroadcastChannel
  digest: (text: string) => Promise<string>
}
