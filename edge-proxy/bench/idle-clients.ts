import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/**
 * Opens connections, has one request answered on each and keeps them: `URL CONNECTIONS TOKEN`. Tells the parent how many
 * there are; ends without them all. A source address has some 28,000 ports, of which others wait to be free again.
 */
const [url = '', connections = '0', token = ''] = process.argv.slice(2);
const { hostname, port, pathname, host } = new URL(url);
const PER_ADDRESS = 5000;
const AT_ONCE = 200;

const open: Socket[] = [];
const request = [
  `GET ${pathname} HTTP/1.1`,
  `Host: ${host}`,
  'Accept: application/json',
  `Authorization: Bearer ${token}`,
  '',
  '',
].join('\r\n');

while (open.length < Number(connections)) {
  const count = Math.min(AT_ONCE, Number(connections) - open.length);
  open.push(...(await Promise.all(Array.from({ length: count }, (_, index) => openOne(open.length + index)))));
}
for (const socket of open) socket.once('close', () => fail('a connection was closed while it was idle'));
process.send?.(open.length);
process.once('disconnect', () => process.exit(0));

async function openOne(index: number): Promise<Socket> {
  const localAddress = `127.0.0.${2 + Math.floor(index / PER_ADDRESS)}`;
  const socket = connect({ host: hostname, port: Number(port), localAddress });
  socket.once('error', (error) => fail(error.message));
  await once(socket, 'connect');
  socket.write(request);
  let received = '';
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    received += String(chunk);
    if (isComplete(received)) break;
  }
  socket.resume();
  return socket;
}

/** The upstream's answer is ASCII and has a length; one that a proxy has made chunked ends with an empty chunk. */
function isComplete(answer: string): boolean {
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  return length === undefined ? answer.endsWith('0\r\n\r\n') : body.length >= Number(length);
}

function fail(why: string): never {
  process.stderr.write(`idle clients, ${open.length} of ${connections} open: ${why}\n`);
  process.exit(1);
}
