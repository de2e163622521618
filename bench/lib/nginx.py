"""nginx as the peer and as the upstream of the gateway's benchmark, and what a process has used of the CPU."""
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def family(pid):
    """The process and its children."""
    out = [pid]
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        out += [int(child) for child in (task / "children").read_text().split()]
    return out


def cpu_seconds(pids):
    """What these processes have used so far, to the nanosecond: all their threads that still run."""
    total = 0
    for pid in pids:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def resident_mb(pids):
    total = 0
    for pid in pids:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                total += int(line.split()[1]) * 1024
    return total / 1e6


class Nginx:
    """`with Nginx(server_block, core=0) as nginx`: one worker pinned to a core, no access log, everything in a folder of its own."""

    def __init__(self, server, core, http=""):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="caprock-nginx-"))
        self.port, self.core = free_port(), core
        (self.folder / "nginx.conf").write_text(f"""
daemon off; worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/error.log crit;
events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 100000000; keepalive_timeout 600s; client_max_body_size 64m; client_body_buffer_size 4m;
  client_body_temp_path {self.folder}/body; proxy_temp_path {self.folder}/proxy; fastcgi_temp_path {self.folder}/f; uwsgi_temp_path {self.folder}/u; scgi_temp_path {self.folder}/s;
  {http}
  server {{ listen 127.0.0.1:{self.port} backlog=4096; {server} }}
}}""")

    def __enter__(self):
        self.process = subprocess.Popen(["taskset", "-c", str(self.core), "nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")],
                                        stderr=subprocess.DEVNULL)
        for _ in range(500):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                break
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit(f"nginx ended: {(self.folder / 'error.log').read_text()}")
                time.sleep(0.01)
        self.address = f"127.0.0.1:{self.port}"
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def pids(self):
        return family(self.process.pid)


def proxy_to(address):
    """The http and server parts of an nginx that passes everything on, kept alive and unbuffered."""
    return (f"upstream up {{ server {address}; keepalive 256; keepalive_requests 100000000; }}",
            'location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }')


def pin(pid, core):
    for task in os.listdir(f"/proc/{pid}/task"):
        os.sched_setaffinity(int(task), {core})
