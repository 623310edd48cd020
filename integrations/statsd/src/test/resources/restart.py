"""Holds a UDP socket, as systemd does, and kills the bridge that inherits it while lines come.

Arguments: kills, datagrams, lines per datagram, and the command of the bridge. Prints what the kernel dropped.
"""
import os, signal, socket, subprocess, sys, time

kills, datagrams, lines = (int(argument) for argument in sys.argv[1:4])
command = sys.argv[4:]
MAX_WAITING_BYTES = 100_000

held = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
held.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
held.bind(("127.0.0.1", 0))
inode = str(os.fstat(held.fileno()).st_ino)


def kernel():
    """What waits at the socket, in bytes, and how many datagrams were dropped."""
    with open("/proc/net/udp") as table:
        for row in table:
            columns = row.split()
            if columns[9] == inode:
                return int(columns[4].split(":")[1], 16), int(columns[-1])
    raise SystemExit("the socket is not in /proc/net/udp")


def start():
    return subprocess.Popen(command, stdin=held, stdout=subprocess.DEVNULL)


def await_empty(bridge):
    deadline = time.time() + 120
    while kernel()[0] > 0:
        if bridge.poll() is not None or time.time() > deadline:
            raise SystemExit("the bridge does not read")
        time.sleep(0.005)


sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sender.connect(held.getsockname())
datagram = b"\n".join([b"r.hits:1|c|#k:v"] * lines)
bridge = start()
try:
    for i in range(datagrams):
        if kills and i % (datagrams // (kills + 1)) == 0 and i // (datagrams // (kills + 1)) in range(1, kills + 1):
            # The bridge that is killed counts: some of what was sent is read, some waits.
            await_empty(bridge)
            for _ in range(20):
                sender.send(datagram)
            bridge.send_signal(signal.SIGKILL)
            bridge.wait()
            bridge = start()
        sender.send(datagram)
        while i % 10 == 0 and kernel()[0] > MAX_WAITING_BYTES:
            if bridge.poll() is not None:
                raise SystemExit("the bridge ended")
            time.sleep(0.002)
    await_empty(bridge)
    bridge.terminate()
    bridge.wait(60)
    print("dropped", kernel()[1], "sent", datagrams + 20 * kills)
finally:
    bridge.kill()
