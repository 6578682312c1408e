// A service manager of systemd's kind: it prints each datagram of its socket with the process that the kernel says has
// sent it. Run by Node 26, whatever runs the tests. Argument: the address, where "@" begins an abstract one.
import process from "node:process";
import { AF_UNIX, unixAddress } from "../../platforms/process/unix_address.ts";
import { print } from "./_print.ts";

interface Ffi {
  dlopen(
    path: string,
    symbols: object,
  ): { readonly functions: Record<string, (...args: unknown[]) => number> };
  getRawPointer(bytes: Uint8Array): bigint;
}

const ffi = process.getBuiltinModule("node:ffi" as never) as unknown as Ffi;
const numbers = (count: number) => Array.from({ length: count }, () => "i32");
const { functions: libc } = ffi.dlopen("libc.so.6", {
  socket: { arguments: numbers(3), return: "i32" },
  bind: { arguments: ["i32", "buffer", "i32"], return: "i32" },
  setsockopt: { arguments: ["i32", "i32", "i32", "buffer", "i32"], return: "i32" },
  recvmsg: { arguments: ["i32", "buffer", "i32"], return: "i32" },
});
const SOL_SOCKET = 1, SO_PASSCRED = 16, SOCK_DGRAM = 2, MSG_DONTWAIT = 0x40;

const [path = ""] = process.argv.slice(2);
const fd = libc["socket"]!(AF_UNIX, SOCK_DGRAM, 0);
const address = unixAddress(path, path.startsWith("@"));
if (libc["bind"]!(fd, address, address.length) !== 0) throw new Error(`Cannot bind "${path}"`);
libc["setsockopt"]!(fd, SOL_SOCKET, SO_PASSCRED, new Uint8Array([1, 0, 0, 0]), 4);

/** One buffer for the text and one for the credentials, and the structures that point to them. */
const text = new Uint8Array(4096),
  control = new Uint8Array(64),
  io = new Uint8Array(16),
  header = new Uint8Array(56);
const pointTo = (bytes: Uint8Array, at: number, to: Uint8Array) => {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setBigUint64(at, ffi.getRawPointer(to), true);
  view.setBigUint64(at + 8, BigInt(to.length), true);
};

print("listens");
setInterval(() => {
  for (;;) {
    header.fill(0);
    pointTo(io, 0, text);
    new DataView(header.buffer).setBigUint64(16, ffi.getRawPointer(io), true);
    new DataView(header.buffer).setBigUint64(24, 1n, true);
    pointTo(header, 32, control);
    const length = libc["recvmsg"]!(fd, header, MSG_DONTWAIT);
    if (length < 0) return;
    // The length, the level and the type stand before process, user and group.
    const view = new DataView(control.buffer);
    const said = new TextDecoder().decode(text.slice(0, length)).split("\n").join(" ");
    print(`${view.getInt32(16, true)} ${view.getInt32(20, true)}: ${said}`);
  }
}, 5);
