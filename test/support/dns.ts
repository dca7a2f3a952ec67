import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/** A DNS server on the loopback network that knows some names; of others it says that there are none. */
export class TestDns {
  /** Addresses by name; a number is the code of the error that is answered. */
  public readonly names = new Map<string, readonly string[] | number>();
  private readonly socket: Socket = createSocket('udp4');

  public async listen(): Promise<string> {
    this.socket.on('message', (query, { address, port }) => this.socket.send(this.answer(query), port, address));
    await new Promise<void>((resolve) => this.socket.bind(0, '127.0.0.1', resolve));
    return `127.0.0.1:${this.socket.address().port}`;
  }

  public close(): void {
    this.socket.close();
  }

  /** RFC 1035: header, the question once more, and a record for each address of the type that was asked for. */
  private answer(query: Buffer): Buffer {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('ascii', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const type = query.readUInt16BE(at + 1);
    const known = this.names.get(labels.join('.').toLowerCase());
    const records = typeof known === 'object' ? known.filter((one) => isIPv6(one) === (type === 28)) : [];
    const header = Buffer.from(query.subarray(0, 12));
    const code = typeof known === 'number' ? known : known === undefined ? 3 : 0;
    header.writeUInt16BE(0x8180 | code, 2);
    header.writeUInt16BE(records.length, 6);
    header.writeUInt32BE(0, 8);
    return Buffer.concat([header, query.subarray(12, at + 5), ...records.map((one) => record(one, type))]);
  }
}

function record(address: string, type: number): Buffer {
  const data = Buffer.from(type === 1 ? address.split('.').map(Number) : groups(address));
  const head = Buffer.alloc(12);
  // The name is that of the question.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(1, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function groups(address: string): number[] {
  const [left = '', right = ''] = address.split('::');
  const numbers = (text: string) =>
    text
      .split(':')
      .filter(Boolean)
      .map((group) => Number.parseInt(group, 16));
  const [before, after] = [numbers(left), numbers(right)];
  const all = [...before, ...Array(8 - before.length - after.length).fill(0), ...after];
  return all.flatMap((group: number) => [group >> 8, group & 0xff]);
}
