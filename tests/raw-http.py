#!/usr/bin/env python3
"""raw-http.py PORT TOKEN: send requests that no browser would, one
connection each, and print "ok NAME" or "bad NAME" for each. TOKEN is a
session that is granted /eds/all/."""
import select
import socket
import sys
import threading
import time

port, token = int(sys.argv[1]), sys.argv[2]
COOKIE = b'Cookie: tbms=' + token.encode() + b'\r\n'
HOST = b'Host: 127.0.0.1:%d\r\n' % port
END = b'\r\n'
CANARY = b'canary'


def send(data, wait=5.0):
    with socket.create_connection(('127.0.0.1', port), timeout=wait) as s:
        got = b''
        try:
            s.sendall(data)
            while True:
                piece = s.recv(65536)
                if not piece:
                    break
                got += piece
                if complete(got):
                    break
        except (socket.timeout, ConnectionError):
            pass
        return got


def complete(got):
    head, sep, body = got.partition(b'\r\n\r\n')
    if not sep or b'HTTP/1.1 100' in head:
        return False
    for line in head.split(b'\r\n'):
        name, _, value = line.partition(b':')
        if name.lower() == b'content-length':
            return len(body) >= int(value)
    return False


def status(got):
    return int(got.split(b' ')[1]) if got.startswith(b'HTTP/1.') else 0


def say(good, name):
    print(('ok ' if good else 'bad ') + name)


def case(name, data, wanted, leak=False, wait=5.0):
    """wanted: the status, or a tuple; 0 is closed without an answer."""
    got = send(data, wait)
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    good = status(got) in wanted and (leak or CANARY not in got) and \
        b'root:' not in got
    say(good, '%s (%d)' % (name, status(got)))


def get(target, *more, version=b'HTTP/1.1', method=b'GET', host=HOST,
        cookie=COOKIE):
    return method + b' ' + target + b' ' + version + b'\r\n' + host + \
        cookie + b''.join(more) + END


case('a plain request', get(b'/eds/all/fr/'), 200, leak=True)
# paths
for target, wanted in [
        (b'/eds/all/%66r/', 200),           # decoded once
        (b'/eds/all/%2e%2e/north/', 404),
        (b'/eds/all/%2E%2E/%2E%2E/acme/all/', 404),
        (b'/eds/all/..%2fnorth/', 400),
        (b'/eds/all/%252e%252e/north/', 400),
        (b'/eds/all/%25', 400),
        (b'/eds/all/%', 400),
        (b'/eds/all/%4', 400),
        (b'/eds/all/%zz', 400),
        (b'/eds/all/%00', 400),
        (b'/eds/all/index.html%00.png', 400),
        (b'/eds/all/%0d%0aX-Evil:%201', 400),
        (b'/eds/all/%c0%ae%c0%ae/', 400),
        (b'/eds/all/%e2%80%ae/', 400),
        (b'/eds/all/\xc3\xa9', 400),
        (b'/eds/all/%5c..%5c', 400),
        (b'/eds\\all\\', 400),
        (b'/eds/all/"', 400),
        (b'/eds/all/<script>', 400),
        (b'/eds/all/a|b', 400),
        (b'/eds/all/`', 400),
        (b'/eds/all/{}', 400),
        (b'/eds/all/#fr', 400),
        (b'/eds/all/fr//', 404),
        (b'//eds/all/', 404),
        (b'//127.0.0.1/eds/all/', 404),
        (b'/eds/all/./', 404),
        (b'/eds/all/...', 404),
        (b'/eds/all/index.html.', 404),
        (b'/eds/all/index.html~', 404),
        (b'/eds/all/index.html;a=b', 404),
        (b'/eds/all/.hidden.html', 404),
        (b'/../../../../etc/passwd', 404),
        (b'/eds/all/../../../tenants/eds/tenant.db', 404),
        (b'/' + b'a' * 1100, 400),
        (b'/' + b'a/' * 17, 404),
        (b'/' + b'a' * 129, 404),
        (b'/' + b'a' * 5000, (414, 400)),
        (b'*', 400),
        (b'eds/all/', 400),
        (b'.', 400),
        (b'http://evil.example/eds/all/', 400),
        (b'http://127.0.0.1:%d/eds/all/fr/' % port, 200),
        (b'http://127.0.0.1:%d@evil.example/' % port, 400),
        (b'ftp://127.0.0.1:%d/eds/all/' % port, 400)]:
    case('target ' + repr(target[:40])[1:], get(target), wanted,
         leak=wanted == 200)

OK = b'/eds/all/fr/'
B = b'/-/login'
for name, data, wanted in [
        ('no Host', get(OK, host=b''), 400),
        ('no Host in 1.0', get(OK, host=b'', version=b'HTTP/1.0'), 400),
        ('two Hosts', get(OK, HOST), 400),
        ('a foreign Host', get(OK, host=b'Host: evil.example\r\n'), 421),
        ('an empty Host', get(OK, host=b'Host:\r\n'), (400, 421)),
        ('a Host with a bad port', get(OK, host=b'Host: localhost:x\r\n'),
         421),
        ('two Cookies', get(OK, COOKIE), 400),
        ('two Content-Lengths', get(B, b'Content-Length: 0\r\n',
         b'Content-Length: 5\r\n', method=b'POST'), 400),
        ('Content-Length and chunked', get(B, b'Content-Length: 5\r\n',
         b'Transfer-Encoding: chunked\r\n', method=b'POST') +
         b'0\r\n\r\n', 400),
        ('a signed Content-Length', get(B, b'Content-Length: +5\r\n',
         method=b'POST'), 400),
        ('a negative Content-Length', get(B, b'Content-Length: -5\r\n',
         method=b'POST'), 400),
        ('a hexadecimal Content-Length', get(B,
         b'Content-Length: 0x5\r\n', method=b'POST'), 400),
        ('a huge Content-Length', get(B,
         b'Content-Length: 99999999999999999999\r\n', method=b'POST'),
         (400, 413)),
        ('a body that is too long', get(B, b'Content-Length: 70000\r\n',
         method=b'POST'), 413),
        ('TE gzip', get(B, b'Transfer-Encoding: gzip\r\n', method=b'POST'),
         (400, 501)),
        ('TE chunked, gzip', get(B,
         b'Transfer-Encoding: chunked, gzip\r\n', method=b'POST'),
         (400, 501)),
        ('TE chunked in 1.0', get(B, b'Transfer-Encoding: chunked\r\n',
         method=b'POST', version=b'HTTP/1.0') + b'0\r\n\r\n', 400),
        ('two TE', get(B, b'Transfer-Encoding: chunked\r\n' * 2,
         method=b'POST') + b'0\r\n\r\n', 400),
        ('a body on GET', get(OK, b'Content-Length: 3\r\n') + b'abc', 400),
        ('a chunked GET', get(OK, b'Transfer-Encoding: chunked\r\n') +
         b'0\r\n\r\n', 400),
        ('a name with a space', get(OK, b'X-A : b\r\n'), 400),
        ('a name with a bracket', get(OK, b'X(A): b\r\n'), 400),
        ('an empty name', get(b'/none', b': b\r\n'), (400, 404)),
        ('a line without a colon', get(OK, b'nonsense\r\n'), (400, 0)),
        ('a control in a value', get(OK, b'X-A: a\x01b\r\n'), 400),
        ('a DEL in a value', get(OK, b'X-A: a\x7fb\r\n'), 400),
        ('a bare CR in a value', get(OK, b'X-A: a\rb\r\n'), (400, 0)),
        ('Expect of another kind', get(OK, b'Expect: magic\r\n'), 400),
        ('HTTP/1.2', get(OK, version=b'HTTP/1.2'), (505, 400, 0)),
        ('HTTP/2.0', get(OK, version=b'HTTP/2.0'), (505, 400, 0)),
        ('no version', b'GET /eds/all/fr/\r\n\r\n', (400, 505, 0)),
        ('lower-case method', get(OK, method=b'get'), 501),
        ('TRACE', get(OK, method=b'TRACE'), 405),
        ('CONNECT', get(b'127.0.0.1:22', method=b'CONNECT'), 405),
        ('OPTIONS', get(OK, method=b'OPTIONS'), 405),
        ('PUT', get(OK, method=b'PUT'), 405),
        ('DELETE', get(OK, method=b'DELETE'), 405),
        ('a long unknown method', get(OK, method=b'A' * 2000), (501, 400)),
        ('65 fields', get(OK, *[b'X-%d: a\r\n' % i for i in range(65)]),
         431),
        ('a header of 17 KiB', get(OK, b'X-A: ' + b'a' * 17000 + b'\r\n'),
         431),
        ('a header of 40 KiB', get(OK, b'X-A: ' + b'a' * 40000 + b'\r\n'),
         (431, 413, 0)),
        ('a cookie twice in one line', get(OK, cookie=b'Cookie: tbms=' +
         token.encode() + b'; tbms=' + token.encode() + b'\r\n'), 401),
        ('a cookie with a tail', get(OK, cookie=COOKIE[:-2] + b'A\r\n'),
         401),
        ('a folded header that hides chunked', get(B,
         b'Transfer-Encodin: chunked\r\n g: x\r\n', method=b'POST'),
         (400, 403)),
        ('X-HTTP-Method-Override', get(OK,
         b'X-HTTP-Method-Override: DELETE\r\n'), 200),
        ('X-Original-URL', get(b'/-/x', b'X-Original-URL: ' + OK +
         b'\r\n'), 404),
        ('X-Forwarded-Host', get(OK, b'X-Forwarded-Host: evil\r\n',
         b'X-Forwarded-For: 1.2.3.4\r\n'), 200),
        ('garbage', b'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
         (400, 0))]:
    case(name, data, wanted, leak=wanted == 200)

# nothing that follows a refused request is read as another one
smuggled = get(B, b'Content-Length: 5\r\n',
               b'Transfer-Encoding: chunked\r\n', method=b'POST') + \
    b'0\r\n\r\n' + get(OK)
got = send(smuggled)
say(got.count(b'HTTP/1.1 ') == 1 and CANARY not in got,
    'a smuggled request is not answered')
got = send(get(OK, b'Content-Length: 3\r\n') + b'abc' + get(OK))
say(got.count(b'HTTP/1.1 ') == 1, 'nor one behind the body of a GET')
got = send(get(b'/none') + get(OK), wait=2.0)
say(status(got) == 404, 'pipelining')
# chunks beyond the limit of a form
body = b''.join(b'1000\r\n' + b'a' * 4096 + b'\r\n' for _ in range(20))
case('chunks of 80 KiB', get(B, b'Transfer-Encoding: chunked\r\n',
     b'Content-Type: application/x-www-form-urlencoded\r\n',
     method=b'POST') + body + b'0\r\n\r\n', 413)

# slow clients keep nobody waiting, and are ended
slow = []
for i in range(20):
    s = socket.create_connection(('127.0.0.1', port))
    s.sendall(b'GET /eds/all/fr/ HTTP/1.1\r\nX: ')
    slow.append(s)
case('beside 20 slow clients', get(OK), 200, leak=True)
stop = threading.Event()


def drip():
    while not stop.wait(0.5):
        try:
            slow[0].sendall(b'a')
        except OSError:
            return


threading.Thread(target=drip, daemon=True).start()
slow[0].settimeout(25)
try:
    ended = not slow[0].recv(1000).startswith(b'HTTP/1.1 200')
except ConnectionError:
    ended = True
except socket.timeout:
    ended = False
stop.set()
say(ended, 'a header of a byte now and then is ended')
for s in slow:
    s.close()
case('afterwards', get(OK), 200, leak=True)
# more connections of one address than it may have
many = []
for i in range(80):
    try:
        s = socket.create_connection(('127.0.0.1', port), timeout=2)
        many.append(s)
    except OSError:
        break
closed, until = set(), time.monotonic() + 20
while len(closed) < 16 and time.monotonic() < until:
    for s in select.select(set(many) - closed, [], [], 1)[0]:
        try:
            if s.recv(1) == b'':
                closed.add(s)
        except ConnectionError:
            closed.add(s)
say(len(closed) >= 16, 'no more than 64 connections of one address')
for s in many:
    s.close()
