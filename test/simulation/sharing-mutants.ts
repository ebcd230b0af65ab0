import { mutant, type Mutant } from './mutants.ts'

/** Faults that what shares connections might have. */
export const SHARING_MUTANTS: readonly Mutant[] = [
  mutant('asks for many streams again from where it began', [
    'live/multiplexed-stream.ts',
    'tail.drop()\n      return tail.offset',
    'tail.drop()\n      return start',
  ]),
  mutant('gives who joins a stream only what comes next', [
    'live/multiplexed-tail.ts',
    'return [...kept.slice(place), ',
    'return [',
  ]),
  mutant('goes on after a gap when a reader lags', [
    'live/multiplexed-stream.ts',
    'else if (!body.push(frame.bytes, frame.from)) reader.end()',
    'else body.push(frame.bytes, frame.from)',
  ]),
  mutant('takes what comes of one stream for what comes of another', [
    'live/hub.ts',
    'const stream = streams.get(path)\n    if (!stream?.isAsked)',
    'const stream = [...streams.values()][0]\n    if (!stream?.isAsked)',
  ]),
  mutant('asks for all streams with the secret of one', [
    'live/hubs.ts',
    'JSON.stringify([url.search, ...headers])',
    'url.search',
  ]),
  mutant('keeps a connection that nobody reads', [
    'live/hub.ts',
    'schedule.stop()\n    line?.close()',
    'schedule.stop()',
  ]),
  mutant('reads on when a message between tabs is missing', [
    'live/tabs/link.ts',
    'if (n > received) return onBroken()\n',
    '',
  ]),
  mutant('waits for a leader that hangs', [
    'live/tabs/watch.ts',
    'if (missed < MAX_MISSED) return wait()',
    'return wait()',
  ]),
  mutant('waits for a leader that is gone', [
    'live/tabs/follower.ts',
    'for (const call of moved) call.move()',
    '',
  ]),
  mutant('does not hear that an answer ended in the tab that leads', [
    'live/tabs/call.ts',
    'else body.close()',
    'else if (false) body.close()',
  ]),
  mutant('keeps the place of all for ever', ['live/tabs/group.ts', 'seat?.leave()', '']),
  mutant('has a connection in each tab', [
    'live/tabs/create-tabs.ts',
    "if (request.connection === 'page' ||",
    'if (true ||',
  ]),
  mutant('asks at each turn for the same', ['live/turns-answer.ts', 'reader.offset = next', '']),
  mutant('gives a stream one turn and no other', [
    'live/turns-host.ts',
    'if (!reader.signal.aborted) waiting.push(reader)',
    '',
  ]),
]
