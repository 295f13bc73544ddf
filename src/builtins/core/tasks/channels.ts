/** Channels as functions; `ch <- v`, `<-ch`, `for` and `select` are in the language. */
import { Channel } from '../../../runtime/channel';
import { receiveFrom, sendTo } from '../../../runtime/channel-operations';
import { any, channel as channelType, seconds, whole } from '../../types';
import { defineBuiltin } from '../../define-builtin';

export const channel = defineBuiltin({
  name: 'channel',
  group: 'tasks',
  summary: 'Makes a channel, through which tasks pass messages',
  details:
    'With a size, that many messages wait in the channel without holding up who sends them. Without one, each message is handed over: the sender waits for the receiver. Messages arrive in the order in which they were sent, and each goes to one receiver.',
  params: [{ name: 'size', type: whole(0), about: 'How many messages may wait in it; 0 without it', optional: true }],
  gives: { type: 'channel', about: 'The channel' },
  aliases: ['make_channel'],
  example: `let ch = channel(2)
ch <- "a"
ch <- "b"
log(<-ch, <-ch)  // expect: a b
log(type(ch))  // expect: channel`,
  failing: 'channel(-1)  // expect error: channel: size must be a whole number, at least 0, got the number -1',
  run: (size) => new Channel(size ?? 0),
});

export const send = defineBuiltin({
  name: 'send',
  group: 'tasks',
  summary: 'Sends a message, waiting until there is room or a receiver, as ch <- message does',
  params: [
    { name: 'ch', type: channelType, about: 'The channel' },
    { name: 'message', type: any, about: 'Any value' },
  ],
  gives: { type: 'null', about: 'Nothing' },
  errors: {
    ECLOSED: 'The channel is closed, or was closed meanwhile',
    ECANCELED: 'The task was cancelled meanwhile: the message was not sent',
  },
  example: `let ch = channel()
spawn { send(ch, [1, 2]) }
log(receive(ch))  // expect: [1, 2]`,
  failing: `let ch = channel(1)
close(ch)
send(ch, 1)  // expect error: send: cannot send to <channel`,
  waits: true,
  run: (ch, message) => sendTo(ch, message, 'send'),
});

export const receive = defineBuiltin({
  name: 'receive',
  group: 'tasks',
  summary: 'Waits for the next message of a channel, as <-ch does, at most for a time',
  details: 'To tell a message that is null from the end of the channel, use for x in ch.',
  params: [
    { name: 'ch', type: channelType, about: 'The channel' },
    { name: 'timeout', type: seconds, about: 'Wait no longer than this many seconds', optional: true },
  ],
  gives: { type: 'any', about: 'The message; null at the timeout and when the channel is closed and empty' },
  errors: { ECANCELED: 'The task was cancelled meanwhile: no message is lost' },
  example: `let ch = channel()
spawn { ch <- "hello" }
log(receive(ch))  // expect: hello
log(receive(ch, 0.01))  // expect: null`,
  failing: 'receive("a")  // expect error: receive: ch must be a channel, got the string "a"',
  waits: true,
  run: (ch, timeout) => receiveFrom(ch, timeout === null ? null : timeout * 1000),
});

export const tryReceive = defineBuiltin({
  name: 'try_receive',
  group: 'tasks',
  summary: 'Takes the next message of a channel if there is one, without waiting',
  params: [{ name: 'ch', type: channelType, about: 'The channel' }],
  gives: { type: 'any', about: 'The message; null where there is none now' },
  example: `let ch = channel(1)
log(try_receive(ch))  // expect: null
ch <- 5
log(try_receive(ch))  // expect: 5`,
  failing: 'try_receive(null)  // expect error: try_receive: ch must be a channel, got null',
  run: (ch) => ch.take() ?? null,
});

export const close = defineBuiltin({
  name: 'close',
  group: 'tasks',
  summary: 'Closes a channel: no more messages will come',
  details:
    'Messages in the channel can still be received; after them <-ch gives null and a for over it ends. Tasks that wait to receive get null, tasks that wait to send get ECLOSED. Closing twice is no error.',
  params: [{ name: 'ch', type: channelType, about: 'The channel' }],
  gives: { type: 'null', about: 'Nothing' },
  example: `let ch = channel(2)
ch <- 1
ch <- 2
close(ch)
for x in ch { log(x) }
// expect: 1
// expect: 2
log(<-ch)  // expect: null`,
  failing: 'close({})  // expect error: close: ch must be a channel, got an empty map',
  run: (ch) => {
    ch.close();
    return null;
  },
});
