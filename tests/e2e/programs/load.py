"""Many requests at once over keep-alive connections: load.py PORT COUNT CONNECTIONS [HEADER...]

Request n asks for /call/n. Prints how many answers were 200 and named their own request."""
import asyncio
import sys

PORT, COUNT, CONNECTIONS = (int(text) for text in sys.argv[1:4])
EXTRA = "".join(line + "\r\n" for line in sys.argv[4:])


async def answer(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    if "transfer-encoding: chunked" in head:
        body = b""
        while size := int(await reader.readline(), 16):
            body += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
    elif "content-length:" in head:
        body = await reader.readexactly(int(head.split("content-length:")[1].split()[0]))
    else:
        body = await reader.read()
    keep = "connection: close" not in head and ("content-length:" in head or "chunked" in head)
    return head.split()[1] == "200", body.decode(), keep


async def client(numbers):
    good, writer = 0, None
    for number in numbers:
        if not writer:
            reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        writer.write(f"GET /call/{number} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n{EXTRA}\r\n".encode())
        fine, body, keep = await answer(reader)
        good += fine and f" /call/{number} " in body
        if not keep:
            writer.close()
            writer = None
    if writer:
        writer.close()
    return good


async def main():
    numbers = iter(range(COUNT))
    print(sum(await asyncio.gather(*(client(numbers) for _ in range(CONNECTIONS)))), "right answers")


asyncio.run(main())
