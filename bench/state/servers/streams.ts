// The server of the client's benchmark: ours, for both.
import '../../client/servers/streams.ts'
