# Runs a program with a listening socket at number 3, as systemd does; it is called "web".
import os
import socket
import sys

web = socket.socket()
web.bind(("127.0.0.1", 0))
web.listen(64)
if web.fileno() != 3:
    os.dup2(web.fileno(), 3)
os.set_inheritable(3, True)
print("given", web.getsockname()[1], flush=True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1", LISTEN_FDNAMES="web")
os.execvp(sys.argv[1], sys.argv[1:])
