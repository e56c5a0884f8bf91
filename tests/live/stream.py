"""stream.py - a client that sends to a host, or reads from it, as fast as it goes: MB/s."""
CLIENT = r"""
import socket, sys, time
way, host, port, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
s = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
try:
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, b"cubic")
except OSError:
    pass  # a kernel without it has something else that does not pace
s.connect((host, port))
buffer, total = bytearray(1 << 20), 0
start = time.monotonic()
while time.monotonic() - start < seconds:
    total += s.recv_into(buffer) if way == "from" else s.send(buffer)
print(total / (time.monotonic() - start) / 1e6)
"""
