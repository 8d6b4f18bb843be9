"""What a real nginx says of each key.

usage: nginx-cohorts.py CONFIG VARIABLE NAME... <keys >answers

CONFIG is what cmon-cohort --emit nginx wrote, VARIABLE (request_uri or
http_x_key) what it hashes, each NAME a variable that it sets.  Keys come as
lines of hexadecimal; an answer is the variables' values, joined by tabs.
"""
import os, socket, subprocess, sys, tempfile, time

config, variable, *names = sys.argv[1:]
keys = [bytes.fromhex(line) for line in sys.stdin.read().split()]
folder = tempfile.mkdtemp()
path = os.path.join(folder, 'sock')
with open(os.path.join(folder, 'nginx.conf'), 'w') as f:
    f.write('''daemon off; master_process off; pid %s/pid; error_log %s/error;
events { worker_connections 16; }
http {
    access_log off; keepalive_requests 1000000; keepalive_timeout 60s;
    large_client_header_buffers 4 64k;
    client_body_temp_path %s/b; proxy_temp_path %s/p; fastcgi_temp_path %s/f;
    uwsgi_temp_path %s/u; scgi_temp_path %s/s;
    include %s;
    server { listen unix:%s; location / { return 200 "%s\\n"; } }
}
''' % (*[folder] * 7, os.path.abspath(config), path, '\\t'.join('${%s}' % n for n in names)))
server = subprocess.Popen(['nginx', '-p', folder, '-c', folder + '/nginx.conf'],
                          stderr=subprocess.PIPE, env={**os.environ, 'PATH': os.environ['PATH'] + ':/usr/sbin'})
try:
    s = socket.socket(socket.AF_UNIX)
    for _ in range(500):
        if server.poll() is not None:
            sys.exit(server.stderr.read().decode(errors='replace'))
        try:
            s.connect(path)
            break
        except OSError:
            time.sleep(0.01)
    stream = s.makefile('rb')
    for at in range(0, len(keys), 50):
        some = keys[at:at + 50]
        ask = b'GET %s HTTP/1.1\r\nHost: x\r\n\r\n' if variable == 'request_uri' else \
              b'GET / HTTP/1.1\r\nHost: x\r\nX-Key: %s\r\n\r\n'
        s.sendall(b''.join(ask % key for key in some))
        for key in some:
            status, length = stream.readline(), 0
            while (line := stream.readline()) not in (b'\r\n', b''):
                if line.lower().startswith(b'content-length:'):
                    length = int(line[15:])
            body = stream.read(length)
            if b' 200 ' not in status:
                sys.exit('%r: %r' % (key, status))
            sys.stdout.write(body.decode())
finally:
    server.terminate()
    server.wait()
