import { serveStreams } from '../../harness/streams-server.ts'

serveStreams()
