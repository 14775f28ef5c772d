"""An asyncio server that asks http://127.0.0.1:UPSTREAM with the path it was asked for, now or after a
while: caller_asyncio.py PORT UPSTREAM [later]."""
import asyncio
import random
import sys

PORT, UPSTREAM = int(sys.argv[1]), int(sys.argv[2])


async def ask(path):
    reader, writer = await asyncio.open_connection("127.0.0.1", UPSTREAM)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{UPSTREAM}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer.split(b"\r\n\r\n", 1)[1]


async def serve(reader, writer):
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            if "later" in sys.argv:
                await asyncio.sleep(random.uniform(0, 0.02))
            body = await ask(head.split(b" ")[1].decode())
            writer.write(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", PORT, backlog=256)
    await server.serve_forever()


asyncio.run(main())
