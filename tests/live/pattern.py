"""pattern.py - the kernel's side of pattern.lua: the same bytes, server and client.

    pattern.py serve ADDR PORT             "send N" and "take N", a line a connection; "::" is
                                           any address, of both families
    pattern.py send|take ADDR PORT SIZE    ask a server for SIZE bytes, or bring them; exit 0: all
                                           of them arrived, and each was the right one
"""
import socket
import sys
import threading

PERIOD = 65521


def make_block():
    state, block = 12345, bytearray()
    for _ in range(PERIOD):
        state = (state * 1103515245 + 12345) & 0x7fffffff
        block.append(state >> 16 & 255)
    return bytes(block)


TWICE = make_block() * 2


def pattern(at, n):
    return TWICE[at % PERIOD:at % PERIOD + n]


def send(s, size):
    for at in range(0, size, 32768):
        s.sendall(pattern(at, min(32768, size - at)))


def take(s, size):
    at, intact = 0, True
    while at < size:
        got = s.recv(min(32768, size - at))
        if not got:
            break
        intact = intact and got == pattern(at, len(got))
        at += len(got)
    return at, intact


def read_line(s):
    line = b""
    while not line.endswith(b"\n"):
        more = s.recv(1)
        if not more:
            break
        line += more
    return line.decode()


def serve_one(s):
    with s:
        verb, size = read_line(s).split()
        if verb == "send":
            send(s, int(size))
        else:
            s.sendall(b"go\n")
            at, intact = take(s, int(size))
            s.sendall(f"{'intact' if intact else 'damaged'} {at}\n".encode())


def serve(addr, port):
    family = socket.AF_INET6 if ":" in addr else socket.AF_INET
    listener = socket.create_server((addr, port), family=family, dualstack_ipv6=addr == "::")
    print("listening", flush=True)
    while True:
        threading.Thread(target=serve_one, args=(listener.accept()[0],), daemon=True).start()


def ask(verb, addr, port, size):
    with socket.create_connection((addr, port)) as s:
        s.sendall(f"{verb} {size}\n".encode())
        if verb == "send":
            return take(s, size) == (size, True) and s.recv(1) == b""
        if read_line(s) != "go\n":
            return False
        send(s, size)
        return read_line(s) == f"intact {size}\n"


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(sys.argv[2], int(sys.argv[3]))
    sys.exit(0 if ask(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])) else 1)
