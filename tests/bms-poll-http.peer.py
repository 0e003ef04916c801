"""HTTP and WebSocket devices for bms-poll-http.t: peer.py KIND PORT ..."""
import base64
import http.server
import json
import os
import socket
import ssl
import sys
import time

GOOD = b'{"v": 52.5, "soc": 87, "big": 12345678901234567, "e": 1.10e2}'


class Device(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    root = None    # of captures
    log = None     # what was asked, and with which headers

    def log_message(self, *_):
        pass

    def answer(self, body, status=200, headers=(), length=None):
        self.send_response(status)
        self.send_header("Content-Length",
                         str(len(body) if length is None else length))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True

    def digest(self):
        import hashlib
        import re
        given = dict(re.findall(r'(\w+)="?([^",]+)"?',
                                self.headers.get("Authorization", "")))

        def md5(text):
            return hashlib.md5(text.encode()).hexdigest()
        if given.get("username") != "envoy":
            return False
        a1 = md5("envoy:r:122233")
        a2 = md5("GET:" + self.path)
        return given["response"] == md5(":".join(
            (a1, "n0nce", given["nc"], given["cnonce"], given["qop"], a2)))

    def do_GET(self):
        if self.log:
            with open(self.log, "a") as file:
                file.write(json.dumps([self.path, dict(self.headers)]) + "\n")
        name = self.path.split("?")[0].strip("/").replace("/", "_")
        method = getattr(self, "get_" + name, None)
        if self.root:
            return self.capture()
        if method is None:
            return self.answer(b"no such page", 404)
        return method()

    def capture(self):
        name = self.path.strip("/").replace("/", "_")
        for path in (name, name + ".json"):
            if os.path.exists(os.path.join(self.root, path)):
                with open(os.path.join(self.root, path), "rb") as file:
                    return self.answer(file.read())
        return self.answer(b"<html>", 404)

    def get_good(self):
        self.answer(GOOD)

    def get_base_good(self):
        self.answer(b'{"v":1.5}')

    def get_array(self):
        self.answer(b' [ {"t":"a","v":1},\n {"t":"b","v":"x \\" y"} ] ')

    def get_text(self):
        self.answer(b"<html><body>hello</body></html>")

    def get_empty(self):
        self.answer(b"")

    def get_nul(self):
        self.answer(b'{"v":1}\0')

    def get_joined(self):
        self.answer(b'1],"x":[2')

    def get_deep(self):
        self.answer(b"[" * 14 + b"]" * 14)

    def get_many(self):
        self.answer(json.dumps(list(range(4090))).encode())

    def get_slow(self):
        time.sleep(30)

    def get_drip(self):
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        for _ in range(100):
            self.wfile.write(b" ")
            self.wfile.flush()
            time.sleep(0.3)

    def get_short(self):    # truncated body
        self.answer(GOOD, length=500)
        self.close_connection = True

    def get_over(self):    # more than was announced
        self.answer(GOOD + b"}}}}", length=len(GOOD))
        self.close_connection = True

    def get_length(self):    # a length that is none
        self.answer(GOOD, length="abc")
        self.close_connection = True

    def get_denied(self):
        self.answer(b"{}", 401, [("WWW-Authenticate", "Bearer")])

    def get_broken(self):
        self.answer(GOOD, 500)

    def get_file(self):
        self.answer(b"", 302, [("Location", "file:///etc/passwd")])

    def get_away(self):
        self.answer(b"", 302, [("Location",
                                "http://127.0.0.1:%s/good" % sys.argv[3])])

    def get_large(self):
        self.answer(b'"' + b"x" * 10000000 + b'"')

    def get_endless(self):    # no length at all
        self.send_response(200)
        self.end_headers()
        self.close_connection = True
        try:
            while True:
                self.wfile.write(b"[" * 65536)
        except OSError:
            pass

    def get_head(self):    # headers without an end
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        try:
            for i in range(1000000):
                self.wfile.write(b"X-%d: %s\r\n" % (i, b"y" * 1000))
        except OSError:
            pass
        self.close_connection = True

    def get_garbage(self):
        self.wfile.write(b"\x00\x01\x02 what is this\r\n\r\n")
        self.close_connection = True

    def get_bearer(self):
        good = self.headers.get("Authorization") == "Bearer tok-4711"
        self.answer(GOOD if good else b"{}", 200 if good else 401)

    def get_basic(self):
        want = "Basic " + base64.b64encode(b"me:a b:c").decode()
        good = self.headers.get("Authorization") == want
        self.answer(GOOD if good else b"{}", 200 if good else 401)

    def get_digest(self):
        if self.digest():
            return self.answer(GOOD)
        return self.answer(b"{}", 401, [(
            "WWW-Authenticate",
            'Digest realm="r", nonce="n0nce", qop="auth", algorithm=MD5')])

    def get_header(self):
        good = self.headers.get("X-API-Key") == "k 1"
        self.answer(GOOD if good else b"{}", 200 if good else 401)


    def stream(self, pieces, pause=0.05, kind="text/event-stream"):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for piece in pieces:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                self.wfile.flush()
                time.sleep(pause)
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True

    def get_events(self):
        def pieces():
            yield b": hello\n\n"
            for n in range(100000):
                yield b"event: pack\r\ndata: {\"v\": 52.%d,\r\n" % (n % 10)
                yield b"data: \"n\": %d}\r\n\r\nevent: soc\n" % n
                yield b"data: {\"soc\": 87}\n\n"
        self.stream(pieces())

    def get_lines(self):
        def pieces():
            for n in range(100000):
                yield (b'{"topic":"pack","v":52.5}\n{"topic":"so' if n % 2 == 0
                       else b'c","soc":87}\r\nnot json\n')
        self.stream(pieces(), kind="application/x-ndjson")

    def get_half(self):    # a cycle that is never whole
        self.stream((b'event: pack\ndata: {"v":1.5}\n\n'
                     for _ in range(100000)))

    def get_quiet(self):
        self.stream((b": still here\n" for _ in range(100000)))

    def get_nonsense(self):
        self.stream((b"data: hello\n\n" for _ in range(100000)))

    def get_ends(self):    # tells once and hangs up
        self.stream([b'event: pack\ndata: {"v":2.5}\n\n'])

    def get_cut(self):    # in the middle of a message
        self.stream([b'event: pack\ndata: {"v":2.5'])
        self.close_connection = True

    def get_long(self):    # one message without an end
        self.stream((b"data: " + b"x" * 60000 + b"\n"
                     for _ in range(100000)), 0)

    def get_flood(self):
        self.stream((b"data: " + b"1" * 60000 + b"\n\n"
                     for _ in range(100000)), 0)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, *_):
        pass


def web(port, cert=None, key=None):
    Device.root = os.environ.get("PEER_ROOT")
    Device.log = os.environ.get("PEER_LOG")
    server = Server(("127.0.0.1", int(port)), Device)
    if cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


PACK = '{"topic":"pack","v":52.5}'
SOC = '{"topic":"soc","soc":87}'


async def gateway(ws, path):
    import asyncio
    if path in ("/ws", "/base/ws"):    # tells only who asked for it
        for want in ('{"subscribe":"pack"}', '{"subscribe":"soc"}'):
            if await asyncio.wait_for(ws.recv(), 10) != want:
                return
        while True:
            await ws.send(PACK)
            await ws.send(SOC)
            await asyncio.sleep(0.05)
    if path == "/ws-split":    # in fragments, and a ping in between
        while True:
            await ws.send([PACK[:5], PACK[5:20], PACK[20:]])
            await ws.ping(b"are you there")
            await ws.send([c for c in SOC])
            await asyncio.sleep(0.05)
    if path == "/ws-large":    # as much as a frame of ours takes
        filler = ',"x":"' + "y" * 60000 + '"}'
        while True:
            await ws.send(PACK[:-1] + filler)
            await ws.send(SOC)
            await asyncio.sleep(0.05)
    if path == "/ws-long":
        await ws.send('"' + "x" * 2000000 + '"')
        await asyncio.sleep(30)
    if path == "/ws-endless":    # one message in fragments
        async def pieces():
            while True:
                yield "x" * 60000
        await ws.send(pieces())
    if path == "/ws-binary":
        while True:
            await ws.send(b"\x00\xff\xfe binary")
            await asyncio.sleep(0.05)
    if path == "/ws-bytes":    # JSON, but in binary messages
        while True:
            await ws.send(PACK.encode())
            await ws.send(SOC.encode())
            await asyncio.sleep(0.05)
    if path == "/ws-close":
        await ws.send(PACK)
        await ws.close(1001, "going away")
    if path == "/ws-reset":    # in the middle of a message
        ws.transport.write(b"\x81\x7e\x01\x00" + b"{" * 20)
        await asyncio.sleep(0.2)
        ws.transport.abort()
    if path == "/ws-wrong":    # bits that nobody may set
        ws.transport.write(b"\xf1\x05hello" * 10)
        await asyncio.sleep(30)
    if path == "/ws-auth":
        if ws.request_headers.get("Authorization") == "Bearer tok-4711":
            await ws.send(PACK)
            await ws.send(SOC)
    await asyncio.sleep(30)


def websocket(port, cert=None, key=None):
    import asyncio
    import logging
    import websockets
    logging.disable(logging.CRITICAL)
    context = None
    if cert:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)

    async def serve():
        async with websockets.serve(gateway, "127.0.0.1", int(port),
                                    ssl=context, compression=None, close_timeout=0.2):
            await asyncio.Future()
    asyncio.run(serve())


def mute(port):    # takes connections and says nothing
    server = socket.create_server(("127.0.0.1", int(port)))
    held = []
    while True:
        held.append(server.accept())


if __name__ == "__main__":
    kinds = {"http": lambda: web(sys.argv[2]),
             "ws": lambda: websocket(*sys.argv[2:]),
             "mute": lambda: mute(sys.argv[2]),
             "https": lambda: web(sys.argv[2], sys.argv[3], sys.argv[4])}
    kinds[sys.argv[1]]()
